using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>What the guest carries between the cell and the host's other two sockets.</summary>
public sealed class RelayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_are_piped_both_ways_with_their_ends()
    {
        await using var guest = await GuestProcess.StartAsync();
        using var proxy = GuestListener.Bind(guest.EgressSocket);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var bytes = new byte[500_000];
            new Random(i).NextBytes(bytes);
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, guest.EgressPort, Token);
            var echo = EchoAsync(await proxy.AcceptAsync(Token));
            var sending = client.GetStream().WriteAsync(bytes, Token).AsTask()
                .ContinueWith(_ => client.Client.Shutdown(SocketShutdown.Send), Token);
            using var back = new MemoryStream();
            await client.GetStream().CopyToAsync(back, Token);
            Assert.Equal(bytes, back.ToArray());
            await sending;
            await echo;
        }));
    }

    [Fact]
    public async Task Without_a_host_connections_are_closed()
    {
        await using var guest = await GuestProcess.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, guest.EgressPort, Token);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Token));
    }

    [Fact]
    public async Task Credentials_are_asked_of_the_host_and_never_stored()
    {
        var folder = Directory.CreateTempSubdirectory("credential-").FullName;
        var path = Path.Combine(folder, "s");
        using var broker = GuestListener.Bind(path);
        var served = Task.Run(async () =>
        {
            using var connection = new NetworkStream(await broker.AcceptAsync(Token), ownsSocket: true);
            using var reader = new StreamReader(connection);
            Assert.Equal("protocol=https", await reader.ReadLineAsync(Token));
            Assert.Equal("host=git.test", await reader.ReadLineAsync(Token));
            Assert.Equal("", await reader.ReadLineAsync(Token));
            await connection.WriteAsync("username=x\npassword=y\n"u8.ToArray(), Token);
        }, Token);

        // git closes its end after an empty line; other callers just close it.
        Assert.Equal("username=x\npassword=y\n", Ask(path, "get", "protocol=https\nhost=git.test\n"));
        await served;
        Assert.Equal("", Ask(path, "store", "protocol=https\nhost=git.test\npassword=y\n\n"));
        Assert.Equal("", Ask(path, "erase", ""));
        Directory.Delete(folder, recursive: true);
    }

    private static string Ask(string socket, string operation, string request)
    {
        using var process = Process.Start(new ProcessStartInfo(GuestBinary.Locate(), ["git-credential", operation])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["ONCELL_CREDENTIAL_SOCKET"] = socket },
        })!;
        try
        {
            process.StandardInput.Write(request);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // store and erase do not read what they get.
        }
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return answer;
    }

    private static async Task EchoAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.CopyToAsync(stream, Token);
        socket.Shutdown(SocketShutdown.Send);
    }
}
