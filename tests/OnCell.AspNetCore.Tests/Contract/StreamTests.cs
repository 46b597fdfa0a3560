using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests.Contract;

/// <summary>Streams cut at every event and resumed, and not read at all.</summary>
public abstract class StreamContract(ServiceFixture fixture)
{
    protected Service Service => fixture.Service;

    [Fact]
    public async Task A_stream_cut_at_every_event_goes_on_where_it_was()
    {
        var run = await StartAsync("""{"line":"echo one; echo two >&2; echo three"}""");
        var whole = await ReadAsync(run, null, int.MaxValue);
        Assert.True(whole.Count >= 4, string.Join(' ', whole.Select(e => e.Type)));
        Assert.Equal("run.completed", whole[^1].Type);
        Assert.All(whole.Zip(whole.Skip(1)), pair => Assert.True(long.Parse(pair.First.Id!) < long.Parse(pair.Second.Id!)));
        for (var cut = 0; cut <= whole.Count; cut++)
        {
            var before = await ReadAsync(run, null, cut); // and hung up there
            Assert.Equal(whole.Take(cut), before);
            var after = await ReadAsync(run, before.Count == 0 ? null : before[^1].Id, int.MaxValue);
            Assert.Equal(whole.Skip(cut), after);
        }
    }

    [Fact]
    public async Task A_stream_cut_at_every_event_of_a_live_run_loses_none()
    {
        var run = await StartAsync("""{"line":"for i in 1 2 3 4 5; do echo $i; sleep 0.05; done"}""");
        var heard = new List<(string? Id, string Type, string Data)>();
        while (heard.Count == 0 || heard[^1].Type != "run.completed")
        {
            // One stored event of each connection; live ones, which have no id, come again or not at all.
            var stored = (await ReadAsync(run, heard.Count == 0 ? null : heard[^1].Id, 1)).Where(e => e.Id is not null).ToArray();
            heard.AddRange(stored);
        }

        Assert.Equal((await ReadAsync(run, null, int.MaxValue)).Where(e => e.Id is not null), heard);
    }

    private async Task<string> StartAsync(string input)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/shell")
        {
            Content = JsonContent.Create(new { customer = "acme", input = JsonNode.Parse(input) }),
        };
        request.Headers.Add("Prefer", "respond-async");
        using var response = await Service.Http.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["runId"]!.GetValue<string>();
    }

    /// <summary>Reads stored events up to a number, then hangs up.</summary>
    private async Task<IReadOnlyList<(string? Id, string Type, string Data)>> ReadAsync(string run, string? after, int most)
    {
        var events = new List<(string? Id, string Type, string Data)>();
        if (most == 0) return events;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/runs/acme/{run}/events");
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var response = await Service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
        string? last = null;
        await foreach (var e in SseParser.Create(body).EnumerateAsync(limit.Token))
        {
            // An event without an id of its own keeps the one before; what is live has none.
            var id = e.EventId is { Length: > 0 } own && own != last ? own : null;
            last = id ?? last;
            if (id is null) continue;
            events.Add((id, e.EventType, e.Data));
            if (events.Count == most) break;
        }

        return events;
    }
}

public sealed class StreamTests(ServiceFixture fixture) : StreamContract(fixture)
{
    [Fact]
    public async Task A_reader_that_does_not_read_holds_up_nobody()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Service.Http.BaseAddress!.Host, Service.Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        const string body = """{"customer":"acme","input":{"line":"head -c 20000000 /dev/zero | base64 -w 76"}}""";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/agents/shell/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Service.AdministratorKey}\r\nIdempotency-Key: slow\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        // The same run, by another request that waits for its end.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/shell") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "slow");
        using var ended = await Service.Http.SendAsync(request);
        Assert.True(ended.IsSuccessStatusCode, await ended.Content.ReadAsStringAsync());
        Assert.True((await Service.Http.GetAsync("/v1/customers/acme")).IsSuccessStatusCode);
    }
}

public sealed class InProcessStreamTests(InProcessFixture fixture) : StreamContract(fixture);
