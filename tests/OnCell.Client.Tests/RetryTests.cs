using System.Net;
using System.Text.Json.Nodes;

namespace OnCell.Client.Tests;

/// <summary>What is sent again, and what is never sent twice.</summary>
public sealed class RetryTests
{
    private const string Cell = """{"customer":"acme","agent":"A","state":"active","created":"2026-01-01T00:00:00Z","changed":"2026-01-01T00:00:00Z"}""";

    private const string Run = """{"runId":"r1","method":"task","state":"running","epoch":1,"created":"2026-01-01T00:00:00Z"}""";

    [Fact]
    public async Task A_read_is_sent_again_over_refusals_and_broken_connections()
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Status(503), BadNetwork.Abort, BadNetwork.Status(429), BadNetwork.Json(Cell));
        Assert.Equal(CellState.Active, (await network.Client().Customers.GetAsync("acme")).State);
        Assert.Equal(4, network.Asked.Count);
        Assert.All(network.Asked, a => Assert.Equal("Bearer oc_key", a.Authorization));
    }

    [Fact]
    public async Task A_post_is_sent_again_with_the_same_key()
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Abort, BadNetwork.Status(502), BadNetwork.Json(Run));
        await network.Client().Agents.StartAsync("acme", "task", new JsonObject());
        Assert.Equal(3, network.Asked.Count);
        var key = Assert.Single(network.Asked.Select(a => a.Key).Distinct());
        Assert.NotEmpty(key);
    }

    [Fact]
    public async Task The_callers_key_is_the_key()
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Json(Run));
        await network.Client().Agents.StartAsync("acme", "task", new JsonObject(), "order-7");
        Assert.Equal("order-7", Assert.Single(network.Asked).Key);
    }

    [Fact]
    public async Task A_final_refusal_is_not_repeated()
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Status(
            409, """{"title":"Not possible in this state","detail":"The customer exists.","instance":"/v1/customers","field":"id"}"""));
        var error = await Assert.ThrowsAsync<OnCellApiException>(() => network.Client().Customers.CreateAsync(new NewCustomer { Id = "acme" }));
        Assert.Equal((HttpStatusCode.Conflict, "The customer exists.", "id", "/v1/customers"), (error.Status, error.Message, error.Field, error.Instance));
        Assert.Single(network.Asked);
    }

    [Fact]
    public async Task A_refusal_that_lasts_for_days_is_told_at_once()
    {
        await using var network = await BadNetwork.StartAsync(async context =>
        {
            context.Response.Headers.RetryAfter = "259200";
            await BadNetwork.Status(429, """{"detail":"The quota is used up."}""")(context);
        });
        var error = await Assert.ThrowsAsync<OnCellApiException>(() => network.Client().Agents.StartAsync("acme", "task", new JsonObject()));
        Assert.Equal("The quota is used up.", error.Message);
        Assert.Single(network.Asked);
    }

    [Fact]
    public async Task The_last_refusal_is_told_when_attempts_end()
    {
        await using var network = await BadNetwork.StartAsync([.. Enumerable.Repeat(BadNetwork.Status(503, """{"detail":"standing by"}"""), 3)]);
        var error = await Assert.ThrowsAsync<OnCellApiException>(() => network.Client(attempts: 3).Customers.ListAsync());
        Assert.Equal("standing by", error.Message);
        Assert.Equal(3, network.Asked.Count);
    }

    [Fact]
    public async Task Nobody_there_is_told_as_such()
    {
        var network = await BadNetwork.StartAsync();
        var client = network.Client(attempts: 2);
        await network.DisposeAsync();
        await Assert.ThrowsAsync<OnCellUnreachableException>(() => client.Customers.ListAsync());
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task A_refusal_without_a_reason_still_says_what_to_do(int status)
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Status(status, "<html>gateway</html>", "text/html"));
        var error = await Assert.ThrowsAsync<OnCellApiException>(() => network.Client().Cells.ListAsync());
        Assert.Equal(status, (int)error.Status);
        Assert.DoesNotContain("<html>", error.Message);
    }

    [Fact]
    public async Task An_id_cannot_leave_its_place_in_the_path()
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Json(Cell));
        await network.Client().Customers.GetAsync("../cells?x=1");
        Assert.Equal("/v1/customers/..%2Fcells%3Fx=1", Assert.Single(network.Asked).Path.Replace("%3D", "=", StringComparison.Ordinal));
        await Assert.ThrowsAsync<ArgumentException>(() => network.Client().Customers.GetAsync(".."));
    }

    [Fact]
    public async Task States_of_a_newer_service_are_unknown_not_errors()
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Json(Cell.Replace("active", "teleporting", StringComparison.Ordinal)));
        Assert.Equal(CellState.Unknown, (await network.Client().Customers.GetAsync("acme")).State);
    }
}
