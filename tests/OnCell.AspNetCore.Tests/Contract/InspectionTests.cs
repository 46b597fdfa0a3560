using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace OnCell.AspNetCore.Tests.Contract;

/// <summary>Files, events, log and usage of a cell over HTTP.</summary>
public abstract class InspectionContract(ServiceFixture fixture)
{
    protected Service Service => fixture.Service;

    [Fact]
    public async Task Files_are_listed_in_pages_and_read()
    {
        foreach (var name in (string[])["a.txt", "b.txt", "c.txt"])
            await Service.RunAsync("acme", "files", new { path = $"listed/{name}", text = $"content of {name}" });
        using var first = await Service.Http.GetAsync("/v1/customers/acme/files?path=listed&limit=2");
        Assert.Equal(["a.txt", "b.txt"], (await first.Content.ReadFromJsonAsync<JsonArray>())!.Select(f => f!["name"]!.GetValue<string>()));
        var next = first.Headers.GetValues("Link").Single().Split('<', '>')[1];
        Assert.Equal("c.txt", Assert.Single((await Service.Http.GetFromJsonAsync<JsonArray>(next))!)!["name"]!.GetValue<string>());
        Assert.Equal("content of b.txt", await Service.Http.GetStringAsync("/v1/customers/acme/files/content?path=listed/b.txt"));
        using var missing = await Service.Http.GetAsync("/v1/customers/acme/files/content?path=listed/d.txt");
        await AgentApiTests.AssertProblemAsync(missing, 404, "has no \"listed/d.txt\"");
    }

    [Fact]
    public async Task A_cells_events_are_streamed_and_resumed_and_hold_the_agents_log()
    {
        using var stream = await FollowAsync("/v1/customers/acme/events", null);
        await using var events = Read(stream);
        var run = (await Service.Http.PostAsJsonAsync("/v1/agents/withSecret", new { customer = "acme", input = new { command = "echo logged-line", secret = "EVENTFUL" } }));
        run.Dispose();
        var seen = new List<SseItem<string>>();
        while (!seen.Any(e => e.EventType == "run.failed" && e.Data.Contains("EVENTFUL", StringComparison.Ordinal)))
        {
            Assert.True(await events.MoveNextAsync());
            seen.Add(events.Current);
        }

        Assert.Contains(seen, e => e.EventType == "log" && e.Data.Contains("echo logged-line", StringComparison.Ordinal));
        Assert.True(seen.Select(e => long.Parse(e.EventId!)).SequenceEqual(seen.Select(e => long.Parse(e.EventId!)).Order()));

        // Cut anywhere, the rest follows.
        var middle = seen[seen.Count / 2];
        using var again = await FollowAsync("/v1/customers/acme/events", middle.EventId);
        await using var rest = Read(again);
        foreach (var expected in seen.SkipWhile(e => e.EventId != middle.EventId).Skip(1))
        {
            Assert.True(await rest.MoveNextAsync());
            Assert.Equal(expected.EventId, rest.Current.EventId);
        }

        var log = (await Service.Http.GetFromJsonAsync<JsonArray>("/v1/customers/acme/logs?limit=1000"))!;
        Assert.All(log, e => Assert.Equal("log", e!["type"]!.GetValue<string>()));
        Assert.Contains(log, e => e!["data"]!["text"]!.GetValue<string>().Contains("echo logged-line", StringComparison.Ordinal));
    }

    private async Task<HttpResponseMessage> FollowAsync(string path, string? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/event-stream");
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        var response = await Service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    private static IAsyncEnumerator<SseItem<string>> Read(HttpResponseMessage response) =>
        SseParser.Create(response.Content.ReadAsStream()).EnumerateAsync().GetAsyncEnumerator();
}

public sealed class InspectionTests(ServiceFixture fixture) : InspectionContract(fixture)
{
    [Fact]
    public async Task Usage_is_counted_and_a_quota_refuses_with_what_to_do()
    {
        await using var service = await (await Service.StartAsync(null, o => o.Quotas.TokensPerMonth = 100, b =>
            b.AddAgent<TestAgent>().AddModel("test", _ => new Service.UpperCaseModel { Tokens = 60 }))).ReadyAsync();
        await service.CreateAsync("frugal");
        await service.RunAsync("frugal", "ask", new { prompt = "one" });
        var usage = (await service.Http.GetFromJsonAsync<JsonObject>("/v1/customers/frugal/usage"))!;
        Assert.Equal(60, usage["totals"]!["input_tokens"]!.GetValue<double>() + usage["totals"]!["output_tokens"]!.GetValue<double>());
        var quota = Assert.Single(usage["quotas"]!.AsArray())!;
        Assert.Equal(("tokensPerMonth", 100.0, 60.0), (quota["quota"]!.GetValue<string>(), quota["limit"]!.GetValue<double>(), quota["used"]!.GetValue<double>()));

        await service.RunAsync("frugal", "ask", new { prompt = "two" });
        using var refused = await service.Http.PostAsJsonAsync("/v1/agents/ask", new { customer = "frugal", input = new { prompt = "three" } });
        await AgentApiTests.AssertProblemAsync(refused, 429, "OnCell:Quotas:TokensPerMonth");
        Assert.NotNull(refused.Headers.RetryAfter);

        // The sampler looks every ten seconds; a cell that runs has used time, processor, memory and disk.
        string[] meters = ["active_seconds", "cpu_seconds", "memory_byte_seconds", "disk_byte_seconds"];
        for (var i = 0; ; i++)
        {
            var totals = (await service.Http.GetFromJsonAsync<JsonObject>("/v1/customers/frugal/usage"))!["totals"]!.AsObject();
            if (meters.All(m => totals[m]?.GetValue<double>() > 0)) break;
            Assert.True(i < 240, totals.ToJsonString());
            await Task.Delay(500);
        }
    }
}

public sealed class InProcessInspectionTests(InProcessFixture fixture) : InspectionContract(fixture);
