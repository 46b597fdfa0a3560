using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests;

/// <summary>A customer's life over HTTP, and every way in which it can be refused.</summary>
public sealed class CustomerApiTests(ServiceFixture fixture)
{
    private Service Service => fixture.Service;

    [Fact]
    public async Task A_customer_is_created_paused_woken_and_deleted()
    {
        await Service.CreateAsync("life");
        await Service.RunAsync("life", "files", new { path = "kept.txt", text = "kept" });
        foreach (var tier in (string[])["frozen", "stopped"])
        {
            Assert.Equal("paused", await StateAsync(HttpMethod.Post, $"/v1/customers/life/pause?tier={tier}"));
            Assert.Equal("kept", (await Service.RunAsync("life", "echo", new { text = "kept" }))!.GetValue<string>());
            Assert.Equal("active", await StateAsync(HttpMethod.Get, "/v1/customers/life"));
        }

        Assert.Equal("active", await StateAsync(HttpMethod.Post, "/v1/customers/life/resume"));
        using var deleted = await Service.Http.DeleteAsync("/v1/customers/life");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(Directory.Exists(Path.Combine(Service.DataRoot, "cells", "life")));
        using var gone = await Service.Http.GetAsync("/v1/customers/life");
        await AgentApiTests.AssertProblemAsync(gone, 404, "no customer \"life\"");
    }

    [Theory]
    [InlineData("""{"id":"../evil"}""", "not a customer id")]
    [InlineData("""{"id":"Upper"}""", "not a customer id")]
    [InlineData("""{"id":""}""", "not a customer id")]
    [InlineData("{}", "no \"id\"")]
    [InlineData("""{"id":"x","git":{"credentials":[{"url":"ftp://x/y","username":"u","password":"secret-1"}]}}""", "credential")]
    [InlineData("""{"id":"x","git":{"credentials":[{"url":"http://x/y"}]}}""", "username")]
    [InlineData("""{"id":"x","config":{"":"y"}}""", "setting")]
    [InlineData("[]", "The body must be a JSON object")]
    public async Task A_wrong_request_is_refused_and_leaves_nothing(string body, string message)
    {
        foreach (var accept in (string[])["application/json", "text/event-stream"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/customers") { Content = new StringContent(body) };
            request.Headers.Add("Accept", accept);
            using var response = await Service.Http.SendAsync(request);
            await AgentApiTests.AssertProblemAsync(response, 400, message);
            Assert.DoesNotContain("secret-1", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_customer_that_exists_is_a_conflict()
    {
        using var response = await Service.Http.PostAsJsonAsync("/v1/customers", new { id = "acme" });
        await AgentApiTests.AssertProblemAsync(response, 409, "exists");
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var response = await Service.Http.PostAsync("/v1/customers", new StringContent(new string(' ', (1 << 20) + 1)));
        await AgentApiTests.AssertProblemAsync(response, 413, "larger than");
    }

    [Fact]
    public async Task A_repository_that_cannot_be_reached_fails_with_the_reason_and_leaves_nothing()
    {
        using var response = await Service.Http.PostAsJsonAsync(
            "/v1/customers", new { id = "unreachable", config = new { repoUrl = "https://git.example.com/x.git" } });
        await AgentApiTests.AssertProblemAsync(response, 500, "git clone");
        Assert.False(Directory.Exists(Path.Combine(Service.DataRoot, "cells", "unreachable")));
        var cell = (await Service.Http.GetFromJsonAsync<JsonObject>("/v1/customers/unreachable"))!;
        Assert.Equal("failed", cell["state"]!.GetValue<string>());
        using var run = await Service.Http.PostAsJsonAsync("/v1/agents/echo", new { customer = "unreachable", input = new { text = "x" } });
        await AgentApiTests.AssertProblemAsync(run, 409, "Failed");
        var cells = (await Service.Http.GetFromJsonAsync<JsonObject>("/v1/cells/unreachable"))!;
        Assert.Contains(cells["egress"]!.AsArray(), e => e!["reason"]?.GetValue<string>().Contains("Allow", StringComparison.Ordinal) == true);
        (await Service.Http.DeleteAsync("/v1/customers/unreachable")).Dispose();
    }

    [Fact]
    public async Task A_cell_in_use_is_not_paused()
    {
        await Service.CreateAsync("busy");
        var running = Service.RunAsync("busy", "lines", new { count = 20, options = new { pause = 0.2 } });
        JsonArray runs;
        do runs = (await Service.Http.GetFromJsonAsync<JsonArray>("/v1/runs?customer=busy"))!;
        while (!runs.Any(r => r!["method"]!.GetValue<string>() == "lines"));
        using var response = await Service.Http.PostAsync("/v1/customers/busy/pause", null);
        await AgentApiTests.AssertProblemAsync(response, 409, "in use");
        Assert.EndsWith("line 20\n", (await running)!.GetValue<string>());
        (await Service.Http.DeleteAsync("/v1/customers/busy")).Dispose();
    }

    private async Task<string> StateAsync(HttpMethod method, string path)
    {
        using var response = await Service.Http.SendAsync(new HttpRequestMessage(method, path));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!["state"]!.GetValue<string>();
    }
}
