using System.Security.Authentication;
using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>What a tunnel to an allowed name may carry.</summary>
public sealed class EgressTlsTests
{
    private const string Public = "93.184.215.14";
    private static readonly byte[] AccessDenied = [0x15, 3, 3, 0, 2, 2, 49];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handshake_that_names_another_server_is_cut(bool socks)
    {
        await using var server = LoopbackServer.Tls();
        await using var harness = ProxyHarness.Start("front.example");
        harness.Publish("front.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        if (socks)
            Assert.Equal(0, await client.SocksAsync("front.example", 443));
        else
            await client.ConnectToAsync("front.example:443");

        await Assert.ThrowsAnyAsync<AuthenticationException>(() => EgressPathsTests.GetOverTlsAsync(client, "hidden.example"));
        var denial = await harness.DenialAsync();
        Assert.Contains("the TLS handshake names \"hidden.example\"", denial.Reason, StringComparison.Ordinal);
        Assert.True(denial is { Closed: true, BytesOut: 0, Host: "front.example" });
    }

    [Fact]
    public async Task A_handshake_that_names_no_server_is_cut()
    {
        await using var server = LoopbackServer.Tls();
        await using var harness = ProxyHarness.Start("front.example");
        harness.Publish("front.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("front.example:443");
        await client.SendAsync(TestHello.Records(TestHello.Message()));
        Assert.Equal(AccessDenied, await client.ReadAsync(AccessDenied.Length));
        Assert.Contains("names no server", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_in_pieces_passes_when_it_is_whole()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("site.example:443");
        var hello = TestHello.Records(TestHello.Message("site.example"), recordBytes: 20);
        foreach (var part in hello.Chunk(7))
            await client.SendAsync(part);
        Assert.Equal(hello, await client.ReadAsync(hello.Length));
    }

    [Fact]
    public async Task Port_443_carries_nothing_but_tls()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("site.example:443");
        await client.SendAsync("SSH-2.0-x\r\n");
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Contains("not TLS", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_port_of_its_own_another_protocol_passes_and_the_server_may_speak_first()
    {
        await using var server = LoopbackServer.Start(async stream =>
        {
            await stream.WriteAsync("220 ready\r\n"u8.ToArray());
            await stream.CopyToAsync(stream);
        });
        await using var harness = ProxyHarness.Start("mail.example:25");
        harness.Publish("mail.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("mail.example:25");
        Assert.Equal("220 ready\r\n", Encoding.ASCII.GetString(await client.ReadAsync(11)));
        await client.SendAsync("EHLO\r\n");
        Assert.Equal("EHLO\r\n", Encoding.ASCII.GetString(await client.ReadAsync(6)));
    }

    [Fact]
    public async Task Tls_on_another_port_must_name_the_host_too()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("site.example:8443");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("site.example:8443");
        await client.SendAsync(TestHello.Records(TestHello.Message("evil.example")));
        Assert.Equal(AccessDenied, await client.ReadAsync(AccessDenied.Length));
    }

    [Fact]
    public async Task Half_closed_tunnels_carry_the_other_direction_to_its_end()
    {
        await using var server = LoopbackServer.Start(async stream =>
        {
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            await stream.WriteAsync(all.ToArray().Reverse().ToArray());
        });
        await using var harness = ProxyHarness.Start("site.example:9000");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("site.example:9000");
        await client.SendAsync("abc");
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal("cba", await client.ReadToEndAsync());
        Assert.True(await harness.EventAsync(e => e.Closed) is { Allowed: true, Reason: null, BytesOut: 3, BytesIn: 3 });
    }
}
