using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests;

/// <summary>Calling an agent over HTTP, in a real cell.</summary>
public sealed class AgentApiTests(ServiceFixture fixture)
{
    private Service Service => fixture.Service;

    [Fact]
    public async Task A_shell_step_runs_in_the_cell_and_its_holes_are_quoted()
    {
        Assert.Equal("'; echo pwned; $(id) `id`", (await Service.RunAsync("acme", "echo", new { text = "'; echo pwned; $(id) `id`" }))!.GetValue<string>());
    }

    [Fact]
    public async Task Files_memory_search_and_the_model_work()
    {
        Assert.Equal("a\nb", (await Service.RunAsync("acme", "files", new { path = "notes/x.txt", text = "a\nb" }))!.GetValue<string>());
        var count = (await Service.RunAsync("acme", "count", new { }))!.GetValue<int>();
        Assert.Equal(count + 1, (await Service.RunAsync("acme", "count", new { }))!.GetValue<int>());
        Assert.Equal("readme.md", (await Service.RunAsync("acme", "find", new { query = "hello world" }))!.GetValue<string>());
        Assert.Equal("HELLO", (await Service.RunAsync("acme", "ask", new { prompt = "hello" }))!.GetValue<string>());
    }

    [Fact]
    public async Task A_full_disk_stays_in_the_cell()
    {
        var result = (await Service.RunAsync("acme", "fill", new { }))!.GetValue<string>();
        Assert.EndsWith("after", result);
        Assert.Equal("ok", (await Service.RunAsync("acme", "echo", new { text = "ok" }))!.GetValue<string>());
    }

    [Fact]
    public async Task A_disk_that_an_agent_filled_can_be_cleared_by_the_agent()
    {
        await Service.CreateAsync("full");
        await Service.RunAsync("full", "fillAndLeave", new { });
        Assert.Equal("cleared", (await Service.RunAsync("full", "clear", new { }))!.GetValue<string>());
        (await Service.Http.DeleteAsync("/v1/customers/full")).Dispose();
    }

    [Fact]
    public async Task A_stream_tells_each_step_and_resumes_after_any_event()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/lines/stream")
        {
            Content = JsonContent.Create(new { customer = "acme", input = new { count = 3 } }),
        };
        using var response = await Service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = await ReadAsync(response);
        Assert.Equal("run.started", events[0].EventType);
        Assert.Contains(events, e => e.EventType == "step.started");
        Assert.Equal("line 1\nline 2\nline 3\n", string.Concat(events.Where(e => e.EventType == "step.output").Select(e => JsonNode.Parse(e.Data)!["text"])));
        Assert.Equal("run.completed", events[^1].EventType);

        var stored = events.Where(e => e.EventId is not null).ToList();
        for (var i = 0; i < stored.Count; i++)
        {
            using var again = new HttpRequestMessage(HttpMethod.Get, response.Headers.Location + "/events");
            again.Headers.Add("Last-Event-ID", stored[i].EventId);
            using var rest = await Service.Http.SendAsync(again, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(stored.Skip(i + 1).Select(e => e.EventId), (await ReadAsync(rest)).Select(e => e.EventId));
        }
    }

    [Fact]
    public async Task Two_requests_with_one_key_are_one_run()
    {
        var first = await PostAsync("key-1", 202);
        var second = await PostAsync("key-1", 202);
        Assert.Equal(first["runId"]!.GetValue<string>(), second["runId"]!.GetValue<string>());
        Assert.NotEqual(first["runId"]!.GetValue<string>(), (await PostAsync("key-2", 202))["runId"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_run_and_its_steps_can_be_looked_at()
    {
        var run = await PostAsync(Guid.NewGuid().ToString(), 202);
        var path = $"/v1/runs/acme/{run["runId"]}";
        using (var events = await Service.Http.GetAsync(path + "/events", HttpCompletionOption.ResponseHeadersRead)) await ReadAsync(events);
        var seen = (await Service.Http.GetFromJsonAsync<JsonObject>(path))!;
        Assert.Equal("completed", seen["state"]!.GetValue<string>());
        var steps = (await Service.Http.GetFromJsonAsync<JsonArray>(path + "/steps"))!;
        var step = Assert.Single(steps)!;
        Assert.Equal(("shell", "completed", 1), (step["kind"]!.GetValue<string>(), step["state"]!.GetValue<string>(), step["attempts"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("none", """{"customer":"acme","input":{}}""", 404, "has no method \"none\"")]
    [InlineData("setup", """{"customer":"acme","input":{}}""", 404, "has no method \"setup\"")]
    [InlineData("echo", """{"customer":"acme","input":{}}""", 400, "needs the input \"text\"")]
    [InlineData("echo", """{"customer":"acme","input":{"text":[]}}""", 400, "\"text\" of \"echo\" is not a string")]
    [InlineData("echo", """{"customer":"nobody","input":{"text":"x"}}""", 404, "no customer \"nobody\"")]
    [InlineData("echo", """{"customer":"../acme","input":{"text":"x"}}""", 404, "no customer")]
    [InlineData("echo", """{"input":{"text":"x"}}""", 400, "\"customer\"")]
    [InlineData("echo", """{"customer":"acme","input":""", 400, "The body is not JSON")]
    [InlineData("echo", "", 400, "empty")]
    public async Task Bad_input_is_answered_with_what_is_wrong(string method, string body, int status, string message)
    {
        using var response = await Service.Http.PostAsync($"/v1/agents/{method}", new StringContent(body));
        await AssertProblemAsync(response, status, message);
    }

    [Fact]
    public async Task A_run_that_is_not_there_and_an_event_id_that_is_none_are_refused()
    {
        using var missing = await Service.Http.GetAsync("/v1/runs/acme/nothing");
        await AssertProblemAsync(missing, 404, "no run \"nothing\"");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/runs/acme/setup/events");
        request.Headers.Add("Last-Event-ID", "x");
        using var bad = await Service.Http.SendAsync(request);
        await AssertProblemAsync(bad, 400, "Last-Event-ID");
    }

    internal static async Task AssertProblemAsync(HttpResponseMessage response, int status, string message)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(message, JsonNode.Parse(body)!["detail"]!.GetValue<string>());
    }

    private async Task<JsonObject> PostAsync(string key, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/echo")
        {
            Content = JsonContent.Create(new { customer = "acme", input = new { text = "x" } }),
        };
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Add("Prefer", "respond-async");
        using var response = await Service.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private static async Task<List<SseItem<string>>> ReadAsync(HttpResponseMessage response)
    {
        var events = new List<SseItem<string>>();
        await foreach (var e in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            events.Add(e);
            if (e.EventType is "run.completed" or "run.failed") break;
        }

        return events;
    }
}
