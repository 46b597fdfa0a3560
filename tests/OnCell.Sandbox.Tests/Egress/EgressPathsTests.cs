using System.Net;
using System.Net.Security;
using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>The ways out that a rule allows.</summary>
public sealed class EgressPathsTests
{
    private const string Public = "93.184.215.14";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    [Fact]
    public async Task An_allowed_name_is_served_by_plain_http()
    {
        var received = "";
        await using var server = LoopbackServer.Http(Ok, head => received = head);
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);

        var answer = await harness.AskAsync(
            "GET http://Site.Example./a?b=c HTTP/1.1\r\nHost: site.example\r\nProxy-Connection: close\r\nX-Kept: 1\r\nConnection: X-Dropped\r\nX-Dropped: 1\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", answer, StringComparison.Ordinal);
        Assert.Equal("GET /a?b=c HTTP/1.1\r\nHost: site.example\r\nX-Kept: 1\r\nVia: 1.1 oncell\r\n\r\n", received);
        Assert.Equal([new IPEndPoint(IPAddress.Parse(Public), 80)], harness.Dialer.Dialled);
        var (allowed, closed) = (await harness.NextEventAsync(), await harness.NextEventAsync());
        Assert.True(allowed is { Allowed: true, Closed: false, Host: "site.example", Port: 80, Rule: "site.example" });
        Assert.True(closed is { Allowed: true, Closed: true, BytesOut: > 0, BytesIn: > 5, Reason: null });
    }

    [Fact]
    public async Task An_allowed_name_is_served_by_https_through_connect()
    {
        await using var server = LoopbackServer.Tls();
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();

        Assert.StartsWith("HTTP/1.1 200 ", await client.ConnectToAsync("site.example:443"), StringComparison.Ordinal);
        Assert.EndsWith("site.example", await GetOverTlsAsync(client, "site.example"), StringComparison.Ordinal);
        client.Socket.Close();
        var closed = await harness.EventAsync(e => e.Closed);
        Assert.True(closed is { Allowed: true, Reason: null, BytesIn: > 100, BytesOut: > 100 });
    }

    [Fact]
    public async Task An_allowed_name_is_served_by_socks5()
    {
        await using var server = LoopbackServer.Tls();
        await using var harness = ProxyHarness.Start("*.site.example");
        harness.Publish("a.site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();

        Assert.Equal(0, await client.SocksAsync("a.site.example", 443));
        Assert.EndsWith("a.site.example", await GetOverTlsAsync(client, "a.site.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denied_name_gets_403_with_the_rule_to_add_and_is_neither_looked_up_nor_dialled()
    {
        await using var harness = ProxyHarness.Start("site.example");
        const string Reason = "denied registry.example.com:443: add \"registry.example.com\" to Network.Allow";

        var answer = await harness.AskAsync("CONNECT registry.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.EndsWith(Reason + "\n", answer, StringComparison.Ordinal);
        Assert.True(await harness.NextEventAsync() is { Allowed: false, Host: "registry.example.com", Port: 443, Reason: Reason });
        Assert.Empty(harness.Resolver.Asked);
        Assert.Empty(harness.Dialer.Dialled);
    }

    internal static async Task<string> GetOverTlsAsync(Client client, string serverName)
    {
        await using var tls = new SslStream(client.Stream, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => LoopbackServer.Certificate.Equals(certificate),
            },
            ProxyHarness.Cancel);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {serverName}\r\n\r\n"), ProxyHarness.Cancel);
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync(ProxyHarness.Cancel);
    }
}
