using System.Net.Sockets;
using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>Random damage to real requests, sent to a real proxy: it answers or closes, and serves the next one.</summary>
public sealed class EgressFuzzTests
{
    private const int Rounds = 400;

    private static readonly byte[][] Seeds =
    [
        Encoding.ASCII.GetBytes("GET http://site.example/a HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n"),
        Encoding.ASCII.GetBytes("POST http://site.example/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        [.. "CONNECT site.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"u8, .. TestHello.Records(TestHello.Message("site.example"))],
        [5, 1, 0, 5, 1, 0, 3, 12, .. "site.example"u8, 1, 187, .. TestHello.Records(TestHello.Message("site.example"))],
    ];

    [Fact]
    public async Task Damaged_requests_never_reach_another_place_and_never_stop_the_proxy()
    {
        var random = new Random(20261123);
        await using var server = LoopbackServer.Http("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        await using var harness = ProxyHarness.Start("site.example");
        harness.Publish("site.example", "93.184.215.14", server.EndPoint);
        for (var round = 0; round < Rounds; round++)
        {
            await using var client = await harness.ConnectAsync();
            try
            {
                await client.SendAsync(Damage(random, Seeds[random.Next(Seeds.Length)]));
                client.Socket.Shutdown(SocketShutdown.Send);
                await client.ReadToEndAsync();
            }
            catch (Exception cut) when (cut is IOException or SocketException)
            {
                // Closed in the middle of it: refused.
            }
        }

        Assert.All(harness.Dialer.Dialled, dialled => Assert.Equal("93.184.215.14", dialled.Address.ToString()));
        Assert.All(harness.Resolver.Asked, name => Assert.Equal("site.example", name));
        var answer = await harness.AskAsync(Encoding.ASCII.GetString(Seeds[0]));
        Assert.EndsWith("ok", answer, StringComparison.Ordinal);
    }

    private static byte[] Damage(Random random, byte[] seed)
    {
        var bytes = seed.ToList();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, "\r\n \t:0\0"u8[random.Next(7)]);
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.Add((byte)'\n');
                    break;
            }
        }

        return [.. bytes];
    }
}
