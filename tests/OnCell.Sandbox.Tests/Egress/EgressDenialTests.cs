using System.Net;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>What is refused before anything is dialled.</summary>
public sealed class EgressDenialTests
{
    private const string Public = "93.184.215.14";

    [Theory]
    [InlineData("93.184.215.14:443", "add \"93.184.215.14/32\"")]
    [InlineData("127.0.0.1:80", "loopback")]
    [InlineData("169.254.169.254:80", "cloud metadata")]
    [InlineData("10.0.0.1:8080", "add \"10.0.0.1/32:8080\"")]
    [InlineData("[::1]:443", "loopback")]
    [InlineData("[::ffff:127.0.0.1]:443", "loopback")]
    [InlineData("[::ffff:a9fe:a9fe]:80", "cloud metadata")]
    [InlineData("[64:ff9b::a9fe:a9fe]:80", "NAT64")]
    [InlineData("[2002:7f00:1::]:80", "6to4")]
    [InlineData("[fd00:ec2::254]:80", "cloud metadata")]
    [InlineData("[fe80::1]:80", "link-local")]
    [InlineData("[2606:4700::1]:443", "add \"2606:4700::1/128\"")]
    public async Task An_address_is_denied_without_a_network_rule(string target, string reason)
    {
        await using var harness = ProxyHarness.Start("site.example", "*.example");
        var answer = await harness.AskAsync($"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.Contains(reason, answer, StringComparison.Ordinal);
        Assert.Contains(reason, (await harness.NextEventAsync()).Reason, StringComparison.Ordinal);
        Assert.Empty(harness.Dialer.Dialled);
    }

    [Theory]
    [InlineData("127.1:80")]
    [InlineData("2130706433:80")]
    [InlineData("0x7f.0.0.1:80")]
    [InlineData("0177.0.0.1:80")]
    [InlineData("127.0.0.1.:80")]
    [InlineData("[fe80::1%25lo]:80")]
    [InlineData("::1:80")]
    [InlineData("[::1:80")]
    [InlineData("user@site.example:443")]
    [InlineData("site.example")]
    [InlineData("site.example:")]
    [InlineData("site.example:70000")]
    [InlineData("site.example:0443443")]
    [InlineData("site.example%00.evil:443")]
    [InlineData("site_\u00e4.example:443")]
    [InlineData(":443")]
    public async Task A_target_in_an_odd_form_is_no_target(string target)
    {
        await using var harness = ProxyHarness.Start("site.example", "127.0.0.0/8");
        var answer = await harness.AskAsync($"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.StartsWith("denied: ", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
        Assert.Empty(harness.Resolver.Asked);
        Assert.Empty(harness.Dialer.Dialled);
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:192.168.0.1")]
    [InlineData("fd00::1")]
    public async Task A_private_address_behind_an_allowed_name_is_denied(string address)
    {
        await using var harness = ProxyHarness.Start("site.example");
        harness.Resolver.Names["site.example"] = [IPAddress.Parse(address)];
        var answer = await harness.AskAsync("GET http://site.example/ HTTP/1.1\r\nHost: site.example\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        var denial = await harness.NextEventAsync();
        Assert.False(denial.Allowed);
        Assert.Contains("it resolves to", denial.Reason, StringComparison.Ordinal);
        Assert.Contains("/32\" to Network.Allow", denial.Reason!.Replace("/128", "/32", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(harness.Dialer.Dialled);
    }

    [Fact]
    public async Task A_network_rule_opens_the_private_address_behind_a_name()
    {
        await using var server = LoopbackServer.Http("HTTP/1.1 204 No Content\r\n\r\n");
        await using var harness = ProxyHarness.Start("git.test:" + server.Port, "127.0.0.1/32:" + server.Port);
        harness.Resolver.Names["git.test"] = [IPAddress.Loopback];
        await using var client = await harness.ConnectAsync();
        await client.SendAsync($"GET http://git.test:{server.Port}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 204 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await harness.AskAsync("CONNECT git.test:22 HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await harness.AskAsync("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.Single(harness.Dialer.Dialled);
    }

    [Fact]
    public async Task The_address_that_was_checked_is_the_one_that_is_dialled()
    {
        await using var server = LoopbackServer.Http("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        await using var harness = ProxyHarness.Start("rebind.example");
        harness.Publish("rebind.example", Public, server.EndPoint);
        // From its second answer on, the name points into this host.
        harness.Resolver.AfterLookup = name => harness.Resolver.Names[name] = [IPAddress.Loopback];
        const string Request = "GET http://rebind.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

        Assert.StartsWith("HTTP/1.1 204 ", await harness.AskAsync(Request), StringComparison.Ordinal);
        Assert.Equal([new IPEndPoint(IPAddress.Parse(Public), 80)], harness.Dialer.Dialled);
        Assert.Single(harness.Resolver.Asked);

        Assert.StartsWith("HTTP/1.1 403 ", await harness.AskAsync(Request), StringComparison.Ordinal);
        Assert.Single(harness.Dialer.Dialled);
    }

    [Fact]
    public async Task Of_several_addresses_only_public_ones_are_dialled()
    {
        await using var server = LoopbackServer.Http("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        harness.Resolver.Names["site.example"] = [IPAddress.Loopback, IPAddress.Parse("8.8.8.8"), IPAddress.Parse(Public)];
        Assert.StartsWith("HTTP/1.1 204 ", await harness.AskAsync("GET http://site.example/ HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(["8.8.8.8:80", $"{Public}:80"], harness.Dialer.Dialled.Select(d => d.ToString()));
    }

    [Fact]
    public async Task An_address_of_the_host_itself_needs_a_rule_of_its_own()
    {
        await using var harness = ProxyHarness.Start("site.example", "8.8.0.0/16");
        var own = IPAddress.Parse("8.8.4.4");
        harness.Dialer.OwnAddresses.Add(own);
        harness.Resolver.Names["site.example"] = [own];
        foreach (var target in new[] { "site.example:443", "8.8.4.4:443" })
        {
            var answer = await harness.AskAsync($"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.Contains("the sandbox's own host", answer, StringComparison.Ordinal);
        }

        Assert.Empty(harness.Dialer.Dialled);
        harness.Proxy.Policy = EgressPolicy.Parse(["8.8.4.4/32"]);
        Assert.StartsWith("HTTP/1.1 502 ", await harness.AskAsync("CONNECT 8.8.4.4:443 HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.Single(harness.Dialer.Dialled);
    }

    [Fact]
    public async Task A_wildcard_does_not_cover_the_name_itself_and_says_so()
    {
        await using var harness = ProxyHarness.Start("*.amazonaws.com");
        var answer = await harness.AskAsync("CONNECT amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.EndsWith(
            "denied amazonaws.com:443: \"*.amazonaws.com\" covers sub-domains only; add \"amazonaws.com\" to Network.Allow\n",
            answer,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Static_hosts_come_before_the_resolver()
    {
        var hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["Git.Corp"] = [IPAddress.Parse("10.9.9.9")] };
        await using var harness = ProxyHarness.Start(o => o with { Hosts = hosts }, "git.corp", "10.0.0.0/8");
        await harness.AskAsync("CONNECT git.corp:443 HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal(["10.9.9.9:443"], harness.Dialer.Dialled.Select(d => d.ToString()));
        Assert.Empty(harness.Resolver.Asked);
    }

    [Fact]
    public async Task A_name_without_an_address_is_a_bad_gateway_not_a_denial()
    {
        await using var harness = ProxyHarness.Start("gone.example");
        Assert.StartsWith("HTTP/1.1 502 ", await harness.AskAsync("CONNECT gone.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.True(await harness.NextEventAsync() is { Allowed: true, Closed: true, Reason: "gone.example could not be resolved" });
    }
}
