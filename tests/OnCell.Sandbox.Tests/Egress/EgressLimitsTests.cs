using System.Net;
using System.Net.Sockets;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>Clients that want too much, and servers that do nothing.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class EgressLimitsTests
{
    private const string Public = "93.184.215.14";
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData("GET http://site.example/ HTTP/1.1\r\nX: ")]
    [InlineData("GET http://site.example/")]
    [InlineData("GET ")]
    public async Task A_head_beyond_the_limit_is_refused(string start)
    {
        await using var harness = ProxyHarness.Start(o => o with { MaxHeaderBytes = 4096 }, "site.example");
        var answer = await harness.AskAsync(start + new string('a', 5000));
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        Assert.Contains("longer than 4096 bytes", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_beyond_the_limit_is_refused_even_when_it_comes_whole()
    {
        await using var harness = ProxyHarness.Start(o => o with { MaxHeaderBytes = 4096 }, "site.example");
        var answer = await harness.AskAsync($"GET http://site.example/ HTTP/1.1\r\nHost: x\r\nX: {new string('a', 5000)}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("G")]
    [InlineData("\u0005")]
    [InlineData("GET http://site.example/ HTTP/1.1\r\nHost: x\r\n")]
    public async Task A_head_that_drips_is_cut_at_its_deadline_whatever_still_comes(string start)
    {
        await using var harness = ProxyHarness.Start(o => o with { HeaderTimeout = Short }, "site.example");
        await using var client = await harness.ConnectAsync();
        await client.SendAsync(start);
        var denial = harness.DenialAsync();
        try
        {
            while (!denial.IsCompleted)
            {
                await client.SendAsync("a");
                await Task.WhenAny(denial, Task.Delay(20, ProxyHarness.Cancel));
            }
        }
        catch (IOException)
        {
            // Cut while the next byte was on its way.
        }

        Assert.Contains("not complete in time", (await denial).Reason, StringComparison.Ordinal);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_is_reported_whether_or_not_the_client_stays_to_hear_it(bool stays)
    {
        await using var harness = ProxyHarness.Start("site.example");
        await using var client = await harness.ConnectAsync();
        await client.SendAsync("GET /\n\n");
        if (!stays)
            client.Socket.Close();
        Assert.Contains("bare line feed", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tls_handshake_that_drips_is_cut_too()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start(o => o with { HeaderTimeout = Short }, "site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("site.example:443");
        await client.SendAsync(TestHello.Records(TestHello.Message("site.example"))[..20]);
        Assert.Contains("not complete in time", (await harness.EventAsync(e => e.Closed)).Reason, StringComparison.Ordinal);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_tunnel_without_a_byte_is_cut_when_it_is_idle_for_too_long()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start(o => o with { IdleTimeout = Short }, "site.example:9000");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("site.example:9000");
        Assert.Equal("idle for too long", (await harness.EventAsync(e => e.Closed)).Reason);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_connection_that_is_never_answered_is_a_gateway_timeout()
    {
        var resolver = new SilentResolver();
        await using var harness = ProxyHarness.Start(o => o with { Resolver = resolver, ConnectTimeout = Short }, "site.example");
        Assert.StartsWith("HTTP/1.1 504 ", await harness.AskAsync("CONNECT site.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("did not answer within", (await harness.EventAsync(e => e.Closed)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_places_are_given_back()
    {
        await using var harness = ProxyHarness.Start(o => o with { MaxConnections = 2 }, "site.example");
        var first = await harness.ConnectAsync();
        await using var second = await harness.ConnectAsync();
        await using (var third = await harness.ConnectAsync())
            Assert.Equal("", await third.ReadToEndAsync());
        Assert.Contains("more than 2 connections", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);

        await first.SendAsync([0]);
        await first.ReadToEndAsync();
        await first.DisposeAsync();
        await harness.DenialAsync();
        while (harness.Proxy.ConnectionCount == 2)
            await Task.Yield();
        await using var fourth = await harness.ConnectAsync();
        await fourth.SendAsync([0]);
        Assert.Contains("neither", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_socket_is_its_owners_alone_and_replaces_what_lay_there()
    {
        await using var harness = ProxyHarness.Start("site.example");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(harness.SocketPath));

        // A service that was killed leaves its socket behind; the next one takes its place.
        var path = harness.SocketPath + "2";
        using (var stale = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            stale.Bind(new UnixDomainSocketEndPoint(path));
            File.Move(path, path + "x");
            File.WriteAllText(path, "left behind");
        }

        await using (var proxy = EgressProxy.Start(path, EgressPolicy.DenyAll))
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ProxyHarness.Cancel);
        }

        Assert.False(File.Exists(path));
        File.Delete(path + "x");
    }

    [Fact]
    public void A_socket_that_cannot_be_made_says_where()
    {
        var error = Assert.Throws<SandboxException>(() => EgressProxy.Start("/nowhere/at/all.sock", EgressPolicy.DenyAll));
        Assert.Contains("/nowhere/at/all.sock", error.Message, StringComparison.Ordinal);
    }

    private sealed class SilentResolver : IEgressResolver
    {
        public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return [];
        }
    }
}
