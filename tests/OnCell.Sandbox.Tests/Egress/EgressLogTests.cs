using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>What a sandbox can write into the host's log.</summary>
public sealed class EgressLogTests
{
    private readonly Lines _lines = new();
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"oncell-{Guid.NewGuid():N}"[..20]);

    [Fact]
    public async Task A_loop_of_denials_fills_no_disk_and_the_line_names_the_sandbox()
    {
        await using (EgressProxy.Start(_path, EgressPolicy.DenyAll, logger: _lines, sandbox: "acme"))
        {
            for (var i = 0; i < 100; i++)
                await AskAsync("CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n");
        }

        Assert.Equal(60, _lines.Count);
        Assert.All(_lines, line => Assert.Equal(LogLevel.Information, line.Level));
        Assert.StartsWith("Sandbox acme: egress denied evil.example:443: add \"evil.example\"", _lines.First().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_are_never_logged()
    {
        var bound = new BoundGitCredentials([new GitCredentialBinding("https://git.test/a", "bot", "s3cret")]);
        await using (GitCredentialBroker.Start(_path, bound, logger: _lines, sandbox: "acme"))
        {
            Assert.Contains("s3cret", await AskAsync("protocol=https\nhost=git.test\npath=a\n\n"), StringComparison.Ordinal);
            await AskAsync("protocol=https\nhost=git.test\npath=b\npassword=s3cret\n\n");
            await AskAsync("s3cret\n\n");
        }

        Assert.Equal(3, _lines.Count);
        Assert.All(_lines, line => Assert.DoesNotContain("s3cret", line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_of_events_that_throws_does_not_stop_the_proxy()
    {
        await using (EgressProxy.Start(_path, EgressPolicy.DenyAll, onEvent: _ => throw new InvalidOperationException(), logger: _lines))
        {
            for (var i = 0; i < 2; i++)
                Assert.StartsWith("HTTP/1.1 403 ", await AskAsync("CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        }

        Assert.Equal(2, _lines.Count(line => line.Level == LogLevel.Error));
    }

    private async Task<string> AskAsync(string request)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), ProxyHarness.Cancel);
        await using var client = new Client(socket);
        await client.SendAsync(Encoding.ASCII.GetBytes(request));
        return await client.ReadToEndAsync();
    }

    private sealed class Lines : ConcurrentQueue<(LogLevel Level, string Text)>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue((logLevel, formatter(state, exception)));
    }
}
