using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests.Contract;

/// <summary>Signals, decisions, forks and cancellation over HTTP.</summary>
public abstract class RunVerbContract(ServiceFixture fixture)
{
    private Service Service => fixture.Service;

    [Fact]
    public async Task Runs_are_listed_in_pages_newest_first()
    {
        for (var i = 0; i < 5; i++) await Service.RunAsync("acme", "echo", new { text = $"page {i}" });
        var until = Uri.EscapeDataString(DateTimeOffset.UtcNow.ToString("O"));
        var all = (await Service.Http.GetFromJsonAsync<JsonArray>($"/v1/runs?customer=acme&method=echo&until={until}&limit=1000"))!;
        Assert.True(all.Count >= 5);
        var paged = new List<string>();
        for (var next = $"/v1/runs?customer=acme&method=echo&until={until}&limit=2"; next is not null;)
        {
            using var page = await Service.Http.GetAsync(next);
            paged.AddRange((await page.Content.ReadFromJsonAsync<JsonArray>())!.Select(Id));
            next = page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(all.Select(Id), paged);

        static string Id(JsonNode? run) => run!["runId"]!.GetValue<string>();
    }

    [Fact]
    public async Task A_run_waits_for_a_signal_and_its_fork_shares_what_it_did()
    {
        var run = await StartAsync("wait", new { });
        using var sent = await Service.Http.PostAsJsonAsync(run + "/signal", new { name = "go", payload = "from outside" });
        Assert.True((await sent.Content.ReadFromJsonAsync<JsonObject>())!["sent"]!.GetValue<bool>());
        var ended = await EndAsync(run);
        Assert.Equal("from outside", ended["result"]!.GetValue<string>());

        var steps = (await Service.Http.GetFromJsonAsync<JsonArray>(run + "/steps"))!;
        using var forked = await Service.Http.PostAsJsonAsync(run + "/fork", new { beforePosition = steps[^1]!["position"]!.GetValue<string>() });
        Assert.Equal(HttpStatusCode.Accepted, forked.StatusCode);
        var fork = forked.Headers.Location!.ToString();
        var seen = (await Service.Http.GetFromJsonAsync<JsonObject>(fork))!;
        Assert.Equal(run.Split('/')[^1], seen["forkedFrom"]!.GetValue<string>());
        using var cancelled = await Service.Http.PostAsync(fork + "/cancel", null);
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        Assert.Equal("cancelled", (await EndAsync(fork))["state"]!.GetValue<string>());

        using var late = await Service.Http.PostAsJsonAsync(run + "/signal", new { name = "go" });
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
    }

    [Theory]
    [InlineData("signal", """{"payload":1}""", 400, "name")]
    [InlineData("decide", """{"decision":"skip"}""", 400, "position")]
    [InlineData("decide", """{"position":"1","decision":"maybe"}""", 400, "decision")]
    [InlineData("decide", """{"position":"1","decision":"fail"}""", 400, "message")]
    [InlineData("fork", """{}""", 400, "beforePosition")]
    public async Task A_wrong_verb_names_the_field(string verb, string body, int status, string field)
    {
        using var response = await Service.Http.PostAsync($"/v1/runs/acme/setup/{verb}", new StringContent(body));
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(field, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_step_that_waits_for_nobody_cannot_be_decided()
    {
        using var response = await Service.Http.PostAsJsonAsync("/v1/runs/acme/setup/decide", new { position = "1", decision = "runAgain" });
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
    }

    private async Task<string> StartAsync(string method, object input)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{method}") { Content = JsonContent.Create(new { customer = "acme", input }) };
        request.Headers.Add("Prefer", "respond-async");
        using var response = await Service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!.ToString();
    }

    private async Task<JsonObject> EndAsync(string run)
    {
        while (true)
        {
            var seen = (await Service.Http.GetFromJsonAsync<JsonObject>(run))!;
            if (seen["ended"] is not null) return seen;
            await Task.Delay(50);
        }
    }
}

public sealed class RunVerbTests(ServiceFixture fixture) : RunVerbContract(fixture);

public sealed class InProcessRunVerbTests(InProcessFixture fixture) : RunVerbContract(fixture);
