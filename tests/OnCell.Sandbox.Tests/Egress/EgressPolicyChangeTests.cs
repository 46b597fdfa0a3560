using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Egress;

public sealed class EgressPolicyChangeTests
{
    private const string Public = "93.184.215.14";

    [Fact]
    public async Task A_new_policy_ends_open_tunnels_that_it_forbids_and_no_others()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("a.example.com:9000", "b.example.com:9000");
        harness.Publish("a.example.com", "93.184.215.1", server.EndPoint);
        harness.Publish("b.example.com", "93.184.215.2", server.EndPoint);
        await using var a = await harness.ConnectAsync();
        await using var b = await harness.ConnectAsync();
        foreach (var (client, name) in new[] { (a, "a"), (b, "b") })
        {
            await client.ConnectToAsync($"{name}.example.com:9000");
            await client.SendAsync("x");
            await client.ReadAsync(1);
        }

        harness.Proxy.Policy = EgressPolicy.Parse(["b.example.com:9000"]);

        Assert.Equal("", await a.ReadToEndAsync());
        var denial = await harness.DenialAsync();
        Assert.True(denial is { Closed: true, Host: "a.example.com", BytesOut: 1, BytesIn: 1 });
        Assert.StartsWith("closed by a new policy: denied a.example.com:9000: add \"a.example.com:9000\"", denial.Reason, StringComparison.Ordinal);
        await b.SendAsync("still here");
        Assert.Equal("still here", Encoding.ASCII.GetString(await b.ReadAsync(10)));
    }

    [Fact]
    public async Task A_new_policy_holds_for_the_next_request_of_a_kept_connection()
    {
        await using var server = LoopbackServer.Http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        const string Request = "GET http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n";
        await client.SendAsync(Request);
        await client.ReadHeadAsync();
        await harness.EventAsync(e => e.Closed);

        harness.Proxy.Policy = EgressPolicy.DenyAll;

        await client.SendAsync(Request);
        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        harness.Proxy.Policy = EgressPolicy.Parse(["site.example"]);
        Assert.StartsWith("HTTP/1.1 200 ", await harness.AskAsync("GET http://site.example/ HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taking_a_network_rule_away_ends_what_was_behind_it()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("git.test:" + server.Port, "127.0.0.0/8");
        harness.Resolver.Names["git.test"] = [System.Net.IPAddress.Loopback];
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("git.test:" + server.Port);
        harness.Proxy.Policy = EgressPolicy.Parse(["git.test:" + server.Port]);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Contains("it resolves to 127.0.0.1 (loopback)", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_set_while_a_connection_is_being_made_catches_it()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("site.example:9000");
        harness.Publish("site.example", Public, server.EndPoint);
        // After the old policy's judgement, before the dial.
        harness.Resolver.AfterLookup = _ => harness.Proxy.Policy = EgressPolicy.DenyAll;
        await using var client = await harness.ConnectAsync();
        await client.SendAsync("CONNECT site.example:9000 HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadToEndAsync();
        Assert.StartsWith("closed by a new policy", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_the_proxy_ends_every_connection_with_its_counts()
    {
        await using var server = LoopbackServer.Echo();
        await using var harness = ProxyHarness.Start("site.example:9000");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.ConnectToAsync("site.example:9000");
        await client.SendAsync("abc");
        await client.ReadAsync(3);
        await harness.Proxy.DisposeAsync();
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.True(await harness.EventAsync(e => e.Closed) is { Reason: "the proxy was stopped", BytesOut: 3, BytesIn: 3 });
        Assert.Equal(0, harness.Proxy.ConnectionCount);
    }
}
