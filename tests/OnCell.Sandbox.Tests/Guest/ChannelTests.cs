using System.Net;
using System.Net.Sockets;
using System.Text;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>What a channel carries besides commands and files.</summary>
public sealed class ChannelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ports_of_the_cell_are_reached_both_ways()
    {
        await using var guest = await GuestProcess.StartAsync();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            var bytes = new byte[2_000_000];
            new Random(i).NextBytes(bytes);
            await using var stream = (GuestPortStream)await guest.Channel.ConnectPortAsync(port, Token);
            var echo = EchoAsync(await server.AcceptTcpClientAsync(Token));
            var sending = Task.Run(async () =>
            {
                await stream.WriteAsync(bytes, Token);
                await stream.CompleteWritesAsync(Token);
            }, Token);
            using var back = new MemoryStream();
            await stream.CopyToAsync(back, Token);
            Assert.Equal(bytes, back.ToArray());
            await sending;
            await echo;
        }));
        server.Stop();
        await Assert.ThrowsAnyAsync<SandboxException>(() => guest.Channel.ConnectPortAsync(port, Token));
    }

    [Fact]
    public async Task Letting_go_of_a_port_closes_it_in_the_cell()
    {
        await using var guest = await GuestProcess.StartAsync();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var stream = await guest.Channel.ConnectPortAsync(((IPEndPoint)server.LocalEndpoint).Port, Token);
        using var served = await server.AcceptTcpClientAsync(Token);
        await stream.DisposeAsync();
        Assert.Equal(0, await served.GetStream().ReadAsync(new byte[1], Token));
    }

    [Fact]
    public async Task Changes_below_a_folder_are_told()
    {
        await using var guest = await GuestProcess.StartAsync();
        var seen = new List<string>();
        await foreach (var change in guest.Channel.Files.WatchAsync(guest.WorkFolder, Token))
        {
            if (change.Kind == SandboxFileChangeKind.Watching)
                await guest.RunAsync(guest.Shell("mkdir a; echo 1 > a/b; sleep 0.1; echo 2 > a/b; mv a/b c; rm c"));
            else
                seen.Add($"{change.Kind} {Path.GetRelativePath(guest.WorkFolder, change.Path)}");
            if (seen.Contains("Removed c"))
                break;
        }
        Assert.Equal(
            ["Created a", "Created a/b", "Changed a/b", "Removed a/b", "Created c", "Removed c"], seen.Distinct());
    }

    [Fact]
    public async Task Keys_are_listed_with_their_states()
    {
        await using var guest = await GuestProcess.StartAsync();
        await guest.RunAsync(guest.Shell("true", ".a/b"));
        await using var running = await guest.Channel.StartExecAsync(guest.Shell("sleep 100", "c"), Token);
        var list = await guest.Channel.ListExecsAsync(Token);
        Assert.Equal(
            [new ExecInfo(".a/b", ExecState.Finished), new ExecInfo("c", ExecState.Running)], list.OrderBy(e => e.Key));
        await running.SignalAsync(9, Token);
    }

    [Fact]
    public async Task Before_a_checkpoint_every_connection_is_closed_and_commands_go_on()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("while [ ! -e go ]; do sleep 0.02; done; echo done", "k");
        var run = guest.RunAsync(spec);
        while (await guest.Channel.FindExecAsync("k", Token) != ExecState.Running)
            await Task.Delay(5, Token);
        await guest.Channel.PrepareCheckpointAsync(Token);
        await Task.Delay(100, Token);
        var waiting = guest.Channel.PingAsync(Token);
        Assert.False(waiting.IsCompleted);
        guest.Channel.ResumeAfterCheckpoint();
        await waiting;
        await File.WriteAllTextAsync(Path.Combine(guest.WorkFolder, "go"), "", Token);
        Assert.Equal("done\n", Encoding.UTF8.GetString((await run).Stdout));
    }

    [Fact]
    public async Task A_checkpoint_is_refused_while_a_connection_is_in_use()
    {
        await using var guest = await GuestProcess.StartAsync();
        await using var running = await guest.Channel.StartExecAsync(guest.Shell("sleep 100"), Token);
        var e = await Assert.ThrowsAnyAsync<SandboxException>(() => guest.Channel.PrepareCheckpointAsync(Token));
        Assert.Contains("without a key", e.Message);
        await guest.Channel.PingAsync(Token);
    }

    private static async Task EchoAsync(TcpClient client)
    {
        using (client)
        {
            await client.GetStream().CopyToAsync(client.GetStream(), Token);
            client.Client.Shutdown(SocketShutdown.Send);
        }
    }
}
