using System.Net;
using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

public sealed class EgressSocksTests
{
    [Theory]
    [InlineData("registry.example.com", 443, 2)]
    [InlineData("169.254.169.254", 80, 2)]
    [InlineData("127.1", 80, 2)]
    [InlineData("a b.example", 80, 2)]
    [InlineData("gone.example", 443, 4)]
    public async Task A_refused_name_gets_its_reply(string name, int port, byte reply)
    {
        await using var harness = ProxyHarness.Start("gone.example");
        await using var client = await harness.ConnectAsync();
        Assert.Equal(reply, await client.SocksAsync(name, port));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(reply != 2, (await harness.NextEventAsync()).Allowed);
        Assert.Empty(harness.Dialer.Dialled);
    }

    [Fact]
    public async Task Raw_addresses_of_both_kinds_need_a_rule()
    {
        await using var harness = ProxyHarness.Start("site.example");
        foreach (var address in new[] { "93.184.215.14", "::1", "::ffff:10.0.0.1" }.Select(IPAddress.Parse))
        {
            await using var client = await harness.ConnectAsync();
            var bytes = address.GetAddressBytes();
            Assert.Equal(2, await client.SocksAsync(bytes.Length == 4 ? (byte)1 : (byte)4, bytes, 443));
            Assert.Contains("Network.Allow", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
        }

        Assert.Empty(harness.Dialer.Dialled);
    }

    [Fact]
    public async Task An_address_that_a_rule_names_is_reached_whatever_it_speaks()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("127.0.0.0/8:" + server.Port);
        await using var client = await harness.ConnectAsync();
        Assert.Equal(0, await client.SocksAsync(1, [127, 0, 0, 1], server.Port));
        await client.SendAsync("anything");
        Assert.Equal("anything", Encoding.ASCII.GetString(await client.ReadAsync(8)));
    }

    [Theory]
    [InlineData(new byte[] { 5, 2, 0, 1, 1, 2, 3, 4, 0, 80 }, 7)]
    [InlineData(new byte[] { 5, 3, 0, 1, 1, 2, 3, 4, 0, 80 }, 7)]
    [InlineData(new byte[] { 5, 1, 0, 9, 1, 2, 3, 4, 0, 80 }, 8)]
    [InlineData(new byte[] { 5, 1, 0, 3, 0, 0, 80, 0, 0, 0 }, 2)]
    [InlineData(new byte[] { 5, 1, 0, 1, 1, 2, 3, 4, 0, 0 }, 2)]
    public async Task Commands_and_types_beyond_connect_are_refused(byte[] request, byte reply)
    {
        await using var harness = ProxyHarness.Start("site.example");
        await using var client = await harness.ConnectAsync();
        await client.SendAsync([5, 2, 0, 2]);
        await client.ReadAsync(2);
        await client.SendAsync(request);
        Assert.Equal(reply, (await client.ReadAsync(10))[1]);
        await harness.DenialAsync();
    }

    [Fact]
    public async Task A_client_that_insists_on_a_password_is_told_no()
    {
        await using var harness = ProxyHarness.Start("site.example");
        await using var client = await harness.ConnectAsync();
        await client.SendAsync([5, 1, 2]);
        Assert.Equal([5, 0xFF], await client.ReadAsync(2));
    }

    [Theory]
    [InlineData(new byte[] { 4, 1, 0, 80, 1, 2, 3, 4, 0 })]
    [InlineData(new byte[] { 0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3 })]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { (byte)'g', (byte)'e', (byte)'t' })]
    public async Task Other_protocols_are_closed_with_an_event(byte[] bytes)
    {
        await using var harness = ProxyHarness.Start("site.example");
        await using var client = await harness.ConnectAsync();
        await client.SendAsync(bytes);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Contains("neither HTTP nor SOCKS5", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_cut_short_is_reported()
    {
        await using var harness = ProxyHarness.Start("site.example");
        await using var client = await harness.ConnectAsync();
        await client.SendAsync([5, 1, 0, 5, 1]);
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Contains("ended early", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_sent_ahead_of_the_reply_are_carried()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("127.0.0.0/8:" + server.Port);
        await using var client = await harness.ConnectAsync();
        await client.SendAsync([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, (byte)(server.Port >> 8), (byte)server.Port, (byte)'h', (byte)'i']);
        await client.ReadAsync(12);
        Assert.Equal("hi", Encoding.ASCII.GetString(await client.ReadAsync(2)));
    }
}
