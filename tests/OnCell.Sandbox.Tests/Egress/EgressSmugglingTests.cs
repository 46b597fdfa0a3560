using System.Text;
using CsCheck;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>Requests that two parsers could read in two ways.</summary>
public sealed class EgressSmugglingTests
{
    private const string Line = "POST http://site.example/ HTTP/1.1\r\n";

    [Theory]
    [InlineData(Line + "Host: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
    [InlineData(Line + "Host: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData(Line + "Host: x\r\nContent-Length: 3, 3\r\n\r\nabc")]
    [InlineData(Line + "Host: x\r\nContent-Length: +3\r\n\r\nabc")]
    [InlineData(Line + "Host: x\r\nContent-Length: 0x3\r\n\r\nabc")]
    [InlineData(Line + "Host: x\r\nContent-Length: \r\n\r\n")]
    [InlineData(Line + "Host: x\r\nContent-Length: 9999999999999999999\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nContent-Length : 3\r\n\r\nabc")]
    [InlineData(Line + "Host: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nTransfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Line + "Host: x\r\n folded\r\n\r\n")]
    [InlineData(Line + "Host: x\nX: y\r\n\r\n")]
    [InlineData(Line + "Host: x\n\n")]
    [InlineData(Line + "Host: x\rX: y\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nX: a\0b\r\n\r\n")]
    [InlineData(Line + "Host: x\r\n: y\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nno colon\r\n\r\n")]
    [InlineData(Line + "Host: x\r\nHost: y\r\n\r\n")]
    [InlineData(Line + "\r\n")]
    [InlineData(Line + " Host: x\r\n\r\n")]
    [InlineData("POST http://site.example/ HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST http://site.example/ HTTP/2.0\r\nHost: x\r\n\r\n")]
    [InlineData("POST http://site.example/ HTTP/1.1 \r\nHost: x\r\n\r\n")]
    [InlineData("POST  http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST http://site.example/a b HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST http://site.example/\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST http://site.example/#a HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST /path HTTP/1.1\r\nHost: site.example\r\n\r\n")]
    [InlineData("POST https://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST http:///path HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST http://a@site.example/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST http://site.example:80:80/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST http://site.example\\@evil/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("PO(ST http://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("CONNECT site.example:443 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("CONNECT site.example:443 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public async Task An_ambiguous_request_is_refused_before_anything_is_dialled(string request)
    {
        await using var harness = ProxyHarness.Start("site.example");
        var answer = await harness.AskAsync(request);
        Assert.Matches("^HTTP/1.1 (400|501|505) ", answer);
        Assert.StartsWith("denied: ", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
        Assert.Empty(harness.Dialer.Dialled);
    }

    [Theory]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("-1\r\n\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData(" 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("\r\n0\r\n\r\n")]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("5\rX\r\nhello\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\n")]
    public async Task A_malformed_chunk_ends_the_request_and_nothing_of_it_passes(string body)
    {
        var passed = new TaskCompletionSource<string>();
        await using var server = LoopbackServer.Start(async stream =>
        {
            await LoopbackServer.ReadHeadAsync(stream);
            using var all = new MemoryStream();
            try
            {
                await stream.CopyToAsync(all);
            }
            catch (IOException)
            {
                // Reset: an end too.
            }

            passed.SetResult(Encoding.ASCII.GetString(all.ToArray()));
        });
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", "93.184.215.14", server.EndPoint);
        var answer = await harness.AskAsync(Line + "Host: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("0\r\n\r\n", await passed.Task, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_hidden_in_a_body_stays_a_body()
    {
        var heads = new List<string>();
        await using var server = LoopbackServer.Start(async stream =>
        {
            for (var i = 0; i < 2; i++)
            {
                var head = await LoopbackServer.ReadHeadAsync(stream);
                heads.Add(head);
                if (head.Contains("Content-Length", StringComparison.Ordinal))
                    await stream.ReadExactlyAsync(new byte[Hidden.Length]);
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            }
        });
        await using var harness = ProxyHarness.Start("http://site.example/open");
        harness.Publish("site.example", "93.184.215.14", server.EndPoint);
        await using var client = await harness.ConnectAsync();
        await client.SendAsync(
            $"POST http://site.example/open HTTP/1.1\r\nHost: x\r\nConnection: Content-Length, X\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}"
            + "GET http://site.example/open/2 HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();
        await client.ReadHeadAsync();
        Assert.Equal(["POST /open HTTP/1.1", "GET /open/2 HTTP/1.1"], heads.Select(h => h.Split("\r\n")[0]));
    }

    private const string Hidden = "GET /secret HTTP/1.1\r\nHost: site.example\r\n\r\n";

    [Fact]
    public void Whatever_passes_the_parser_reads_the_same_when_it_is_parsed_again() =>
        Gen.Select(
            Pick("GET", "POST", "CONNECT", "get", "G ET"),
            Pick("http://a.example/x", "http://a.example", "a.example:443", "/x", "http://a.example:81?q"),
            Pick("Host: x", "Content-Length: 1", "content-length: 01", "Transfer-Encoding: chunked", "X:\ty ", "Connection: host, te").Array[0, 5],
            Pick("\r\n", "\r\n", "\r\n", "\n", "\r")).Sample((method, uri, fields, end) =>
        {
            var text = $"{method} {uri} HTTP/1.1{end}" + string.Concat(fields.Select(f => f + end)) + end;
            try
            {
                var request = HttpRequestHead.Parse(HttpHead.Parse(Encoding.Latin1.GetBytes(text)));
                if (request.IsConnect)
                    return true;
                var again = HttpHead.Parse(HttpMessage.ToUpstream(request));
                return HttpFraming.OfRequest(again, isHttp11: true) == request.Framing
                    && again.Single("Host") is not null && again.StartLine == $"{request.Method} {request.Path} HTTP/1.1";
            }
            catch (ProtocolException)
            {
                return true;
            }
        });

    private static Gen<string> Pick(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    [Fact]
    public void Any_bytes_are_parsed_or_refused() =>
        Gen.Byte[0, 127].Array[0, 200].Sample(bytes =>
        {
            try
            {
                HttpRequestHead.Parse(HttpHead.Parse([.. "GET "u8, .. bytes, .. "\r\n\r\n"u8]));
            }
            catch (ProtocolException)
            {
                // Refused is as good as parsed; anything else fails the test.
            }
        });
}
