using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>Plain HTTP requests: how they are carried.</summary>
public sealed class EgressHttpTests
{
    private const string Public = "93.184.215.14";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Requests_on_one_connection_share_one_upstream_and_are_judged_one_by_one()
    {
        await using var server = LoopbackServer.Http(Ok);
        await using var harness = ProxyHarness.Start("GET http://site.example/open");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync($"GET http://site.example/open/{i} HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.Contains(" 200 OK", await client.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal("ok", Encoding.ASCII.GetString(await client.ReadAsync(2)));
        }

        Assert.Single(harness.Dialer.Dialled);
        await client.SendAsync("GET http://site.example/secret HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Contains("does not cover GET /secret", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.False((await harness.DenialAsync()).Allowed);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_turn_each_by_its_own_target()
    {
        await using var a = LoopbackServer.Http("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
        await using var b = LoopbackServer.Http("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
        await using var harness = ProxyHarness.Start("a.example.com", "b.example.com");
        harness.Publish("a.example.com", "93.184.215.1", a.EndPoint);
        harness.Publish("b.example.com", "93.184.215.2", b.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.SendAsync(string.Concat("aba".Select(c => $"GET http://{c}.example.com/ HTTP/1.1\r\nHost: x\r\n\r\n")));
        foreach (var expected in "aba")
        {
            await client.ReadHeadAsync();
            Assert.Equal(expected, (char)(await client.ReadAsync(1))[0]);
        }
    }

    [Fact]
    public async Task The_host_field_is_that_of_the_target_not_the_clients()
    {
        var received = "";
        await using var server = LoopbackServer.Http(Ok, head => received = head);
        await using var harness = ProxyHarness.Start("site.example:8080");
        harness.Publish("site.example", Public, server.EndPoint);
        await harness.AskAsync("GET http://site.example:8080/ HTTP/1.0\r\nHost: internal.example\r\n\r\n");
        Assert.Contains("\r\nHost: site.example:8080\r\n", received, StringComparison.Ordinal);
        Assert.DoesNotContain("internal.example", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_are_carried_and_framed_anew_both_ways()
    {
        await using var server = LoopbackServer.Start(async stream =>
        {
            var head = await LoopbackServer.ReadHeadAsync(stream);
            Assert.Contains("Transfer-Encoding: chunked\r\n", head, StringComparison.Ordinal);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
            var body = new StringBuilder();
            while (!body.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                var one = new byte[1];
                await stream.ReadExactlyAsync(one);
                body.Append((char)one[0]);
            }

            var text = Encoding.ASCII.GetBytes(body.ToString());
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{text.Length:X};ext=1\r\n"));
            await stream.WriteAsync(text);
            await stream.WriteAsync("\r\n000\r\nTrailer: dropped\r\n\r\n"u8.ToArray());
        });
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);

        var answer = await harness.AskAsync(
            "POST http://site.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "00000005;a=\"b\"\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n");

        Assert.DoesNotContain("railer", answer, StringComparison.Ordinal);
        Assert.EndsWith("0\r\n\r\n\r\n0\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("hello", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_bodies_pass_both_ways_at_once()
    {
        const int Size = 5_000_000;
        await using var server = LoopbackServer.Start(async stream =>
        {
            await LoopbackServer.ReadHeadAsync(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Size}\r\n\r\n"));
            await stream.CopyToAsync(stream);
        });
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.SendAsync($"PUT http://site.example/ HTTP/1.1\r\nHost: x\r\nContent-Length: {Size}\r\n\r\n");
        var sent = new byte[Size];
        Random.Shared.NextBytes(sent);
        var sending = client.SendAsync(sent);
        await client.ReadHeadAsync();
        Assert.Equal(sent, await client.ReadAsync(Size));
        await sending;
    }

    [Fact]
    public async Task A_client_that_expects_100_gets_it_before_it_sends_the_body()
    {
        await using var server = LoopbackServer.Start(async stream =>
        {
            Assert.Contains("Expect: 100-continue\r\n", await LoopbackServer.ReadHeadAsync(stream), StringComparison.Ordinal);
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
            await stream.ReadExactlyAsync(new byte[4]);
            await stream.WriteAsync("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.SendAsync("POST http://site.example/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("body");
        Assert.StartsWith("HTTP/1.1 201 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_before_the_body_was_read_ends_the_connection_after_it()
    {
        await using var server = LoopbackServer.Start(async stream =>
        {
            await LoopbackServer.ReadHeadAsync(stream);
            await stream.WriteAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"u8.ToArray());
            await stream.CopyToAsync(Stream.Null);
        });
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        var answer = await harness.AskAsync("POST http://site.example/ HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\npart");
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("big", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "Content-Length: 500")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", "304")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", "204")]
    [InlineData("DELETE", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200")]
    public async Task Answers_without_a_body_keep_the_connection(string method, string answer, string expected)
    {
        await using var server = LoopbackServer.Http(answer);
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync($"{method} http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.Contains(expected, await client.ReadHeadAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(1, server.Accepted);
    }

    [Theory]
    [InlineData("1.1", "5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("1.0", "hello")]
    public async Task A_body_that_ends_with_the_connection_ends_for_the_client_too(string version, string expected)
    {
        await using var server = LoopbackServer.Http("HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello");
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        var answer = await harness.AskAsync($"GET http://site.example/ HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.EndsWith("\r\n\r\n" + expected, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n")]
    [InlineData("HTTP/1.1 099 Odd\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n")]
    public async Task An_improper_answer_is_a_bad_gateway(string answer)
    {
        await using var server = LoopbackServer.Start(async stream =>
        {
            await LoopbackServer.ReadHeadAsync(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        });
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        var got = await harness.AskAsync("GET http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502 ", got, StringComparison.Ordinal);
        Assert.True(await harness.EventAsync(e => e.Closed) is { Allowed: true, Reason: not null });
    }

    [Fact]
    public async Task A_body_cut_short_upstream_is_cut_short_for_the_client()
    {
        await using var server = LoopbackServer.Http("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\nhello");
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        var got = await harness.AskAsync("GET http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.EndsWith("hello", got, StringComparison.Ordinal);
        Assert.True(await harness.EventAsync(e => e.Closed) is { Reason: not null });
    }

    [Fact]
    public async Task A_kept_upstream_that_has_gone_is_dialled_again()
    {
        await using var server = LoopbackServer.Start(async stream =>
        {
            await LoopbackServer.ReadHeadAsync(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Ok)); // and closes, without having said so
        });
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", Public, server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.SendAsync("GET http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();
        await client.ReadAsync(2);
        await server.FirstConnectionEnded;
        await client.SendAsync("GET http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Contains(" 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }
}
