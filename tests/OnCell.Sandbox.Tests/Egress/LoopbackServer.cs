using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>A TCP server on loopback that hands each connection to a function.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstEnded = new();
    private readonly Task _loop;

    private LoopbackServer(IPAddress address, Func<Stream, Task> serve)
    {
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _loop = AcceptAsync(serve);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public int Port => EndPoint.Port;

    public int Accepted { get; private set; }

    public Task FirstConnectionEnded => _firstEnded.Task;

    public static LoopbackServer Start(Func<Stream, Task> serve) => new(IPAddress.Loopback, serve);

    /// <summary>Sends back what comes.</summary>
    public static LoopbackServer Echo() => Start(stream => stream.CopyToAsync(stream));

    /// <summary>Hands each connection to a function, through TLS.</summary>
    public static LoopbackServer StartTls(Func<Stream, Task> serve) => Start(async stream =>
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(Certificate);
        await serve(tls);
    });

    /// <summary>Serves TLS with a certificate of its own, and HTTP in it: answers with the server name it was asked for.</summary>
    public static LoopbackServer Tls() => Start(async stream =>
    {
        await using var tls = new SslStream(stream);
        var name = "";
        await tls.AuthenticateAsServerAsync((_, hello, _, _) =>
        {
            name = hello.ServerName;
            return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = Certificate });
        }, null);
        await ReadHeadAsync(tls);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {name.Length}\r\nConnection: close\r\n\r\n{name}"));
    });

    /// <summary>Answers each request on a connection with a fixed answer; hands on what was received.</summary>
    public static LoopbackServer Http(string answer, Action<string>? received = null) => Start(async stream =>
    {
        while (await ReadHeadAsync(stream) is { Length: > 0 } head)
        {
            received?.Invoke(head);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
            if (answer.Contains("Connection: close", StringComparison.Ordinal))
                return;
        }
    });

    /// <summary>Reads up to an empty line; empty at the end of the stream.</summary>
    public static async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                return "";
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Dispose();
    }

    public static X509Certificate2 Certificate { get; } = MakeCertificate();

    private async Task AcceptAsync(Func<Stream, Task> serve)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Accepted++;
                _ = ServeAsync(client, serve);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client, Func<Stream, Task> serve)
    {
        using (client)
        await using (_stop.Token.Register(client.Dispose))
        {
            try
            {
                await serve(client.GetStream());
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or SocketException
                or System.Security.Authentication.AuthenticationException)
            {
                // The other side went away, which many tests want.
            }
            finally
            {
                client.Close();
                _firstEnded.TrySetResult();
            }
        }
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("git.test");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
