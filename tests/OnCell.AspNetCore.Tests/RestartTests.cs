using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests;

/// <summary>A second process on the same data root: stands by, takes over, goes on with what was under way.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_second_service_stands_by_and_takes_the_run_over()
    {
        var first = await (await Service.StartAsync()).ReadyAsync();
        await first.CreateAsync("acme");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/lines")
        {
            Content = JsonContent.Create(new { customer = "acme", input = new { count = 30, options = new { pause = 0.5 } } }),
        };
        request.Headers.Add("Prefer", "respond-async");
        using var accepted = await first.Http.SendAsync(request);
        var run = (await accepted.Content.ReadFromJsonAsync<JsonObject>())!["runId"]!.GetValue<string>();

        await using var second = await Service.StartAsync(first.DataRoot);
        using (var standby = await second.Http.GetAsync("/v1/customers/acme"))
            await AgentApiTests.AssertProblemAsync(standby, 503, "standing by");
        await WaitForStepAsync(first, run);
        await first.StopAsync();
        await second.ReadyAsync();

        using (var events = await second.Http.GetAsync($"/v1/runs/acme/{run}/events")) await events.Content.ReadAsStringAsync();
        var ended = (await second.Http.GetFromJsonAsync<JsonObject>($"/v1/runs/acme/{run}"))!;
        Assert.Equal("completed", ended["state"]!.GetValue<string>());
        Assert.EndsWith("line 30\n", ended["result"]!.GetValue<string>());
        var step = (await second.Http.GetFromJsonAsync<JsonArray>($"/v1/runs/acme/{run}/steps"))!.Single()!;
        Assert.True(step["reattached"]!.GetValue<bool>());
        Assert.Equal(1, step["attempts"]!.GetValue<int>());
    }

    private static async Task WaitForStepAsync(Service service, string run)
    {
        JsonArray steps;
        do steps = (await service.Http.GetFromJsonAsync<JsonArray>($"/v1/runs/acme/{run}/steps"))!;
        while (steps.Count == 0);
    }
}
