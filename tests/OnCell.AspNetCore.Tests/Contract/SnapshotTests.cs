using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests.Contract;

/// <summary>Copies of a cell's disk and forks over HTTP, and who may make them.</summary>
public abstract class SnapshotContract(ServiceFixture fixture)
{
    private Service Service => fixture.Service;

    [Fact]
    public async Task A_copy_is_made_listed_restored_forked_and_removed()
    {
        await Service.CreateAsync("origin");
        await Service.RunAsync("origin", "files", new { path = "state", text = "one" });
        using var created = await PostAsync("origin/snapshots", new { name = "before" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/v1/customers/origin/snapshots/before", created.Headers.Location?.OriginalString);
        using var twice = await PostAsync("origin/snapshots", new { name = "before" });
        await AgentApiTests.AssertProblemAsync(twice, 409, "before");

        await Service.RunAsync("origin", "files", new { path = "state", text = "two" });
        using var forked = await PostAsync("origin/fork", new { id = "copy", snapshot = "before" });
        Assert.Equal((HttpStatusCode.Created, "/v1/customers/copy"), (forked.StatusCode, forked.Headers.Location?.OriginalString));
        Assert.Equal("one", await Service.Http.GetStringAsync("/v1/customers/copy/files/content?path=state"));
        using var restored = await PostAsync("origin/snapshots/before/restore", null);
        Assert.Equal(HttpStatusCode.OK, restored.StatusCode);
        Assert.Equal("one", await Service.Http.GetStringAsync("/v1/customers/origin/files/content?path=state"));

        using var removed = await Service.Http.DeleteAsync("/v1/customers/origin/snapshots/before");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty((await Service.Http.GetFromJsonAsync<JsonArray>("/v1/customers/origin/snapshots"))!);
    }

    [Theory]
    [InlineData("acme/snapshots", """{"name":"../x"}""", 400, "name")]
    [InlineData("acme/snapshots", """{"label":"x"}""", 400, "label")]
    [InlineData("acme/snapshots/none/restore", null, 404, "none")]
    [InlineData("acme/fork", "{}", 400, "id")]
    [InlineData("acme/fork", """{"id":"../x"}""", 400, "id")]
    [InlineData("acme/fork", """{"id":"acme"}""", 409, "exists")]
    [InlineData("acme/fork", """{"id":"other","snapshot":"none"}""", 404, "none")]
    [InlineData("nobody/fork", """{"id":"other"}""", 404, "nobody")]
    public async Task Wrong_requests_are_refused(string path, string? body, int status, string named)
    {
        using var content = body is null ? null : new StringContent(body);
        using var response = await Service.Http.PostAsync($"/v1/customers/{path}", content);
        await AgentApiTests.AssertProblemAsync(response, status, named);
        using var other = await Service.Http.GetAsync("/v1/customers/other");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task A_key_that_may_only_run_copies_nothing_and_one_of_a_customer_forks_into_no_other()
    {
        using var runs = await Service.ClientAsync("acme", "run");
        using var manages = await Service.ClientAsync("acme", "run", "manage");
        foreach (var (http, path, status) in new[]
        {
            (runs, "acme/snapshots", HttpStatusCode.Forbidden), (runs, "acme/fork", HttpStatusCode.Forbidden),
            (manages, "acme/fork", HttpStatusCode.Forbidden), (manages, "stranger/fork", HttpStatusCode.NotFound),
        })
        {
            using var response = await http.PostAsJsonAsync($"/v1/customers/{path}", path.EndsWith("fork", StringComparison.Ordinal) ? new { id = "mine" } : new object());
            Assert.Equal(status, response.StatusCode);
        }
    }

    private Task<HttpResponseMessage> PostAsync(string path, object? body) =>
        Service.Http.PostAsync($"/v1/customers/{path}", body is null ? null : JsonContent.Create(body));
}

public sealed class SnapshotTests(ServiceFixture fixture) : SnapshotContract(fixture);

public sealed class InProcessSnapshotTests(InProcessFixture fixture) : SnapshotContract(fixture);
