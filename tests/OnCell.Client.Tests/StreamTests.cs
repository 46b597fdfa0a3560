using System.Text.Json.Nodes;

namespace OnCell.Client.Tests;

/// <summary>A stream goes on over broken connections: nothing that is stored is missed or told twice.</summary>
public sealed class StreamTests
{
    private const string Open = """{"runId":"r1","method":"task","state":"running","epoch":1,"created":"2026-01-01T00:00:00Z"}""";

    [Fact]
    public async Task A_stream_that_is_cut_goes_on_after_the_last_event()
    {
        await using var network = await BadNetwork.StartAsync(
            BadNetwork.Events(Event(1, "run.started") + Event(2, "step.started") + "event: step.output\ndata: {\"text\":\"half", torn: true),
            BadNetwork.Json(Open),
            BadNetwork.Events(Event(3, "step.ended"), torn: false),
            BadNetwork.Json(Open),
            BadNetwork.Events(Event(4, "run.completed"), torn: false));
        List<long?> ids = [];
        await foreach (var e in network.Client().Runs.EventsAsync("acme", "r1")) ids.Add(e.Id);
        Assert.Equal([1, 2, 3, 4], ids);
        Assert.Equal(["", "2", "3"], network.Asked.Where(a => a.Path.EndsWith("/events", StringComparison.Ordinal)).Select(a => a.LastEventId));
    }

    [Fact]
    public async Task A_run_that_was_started_by_a_stream_is_followed_by_its_location()
    {
        await using var network = await BadNetwork.StartAsync(
            BadNetwork.Events(Event(1, "run.started"), torn: true, location: "/v1/runs/acme/r1"),
            BadNetwork.Json(Open),
            BadNetwork.Events(Event(2, "run.failed"), torn: false));
        List<string> types = [];
        await foreach (var e in network.Client().Agents.StreamAsync("acme", "task", new JsonObject())) types.Add(e.Type);
        Assert.Equal(["run.started", "run.failed"], types);
        Assert.Equal("/v1/runs/acme/r1/events", network.Asked[^1].Path);
        Assert.Equal("1", network.Asked[^1].LastEventId);
    }

    [Fact]
    public async Task The_services_own_failure_of_a_stream_is_a_break_like_any_other()
    {
        await using var network = await BadNetwork.StartAsync(
            BadNetwork.Events("event: stream.failed\ndata: {\"error\":\"x\"}\n\n", torn: false),
            BadNetwork.Json(Open),
            BadNetwork.Events(Event(1, "run.completed"), torn: false));
        List<string> types = [];
        await foreach (var e in network.Client().Runs.EventsAsync("acme", "r1")) types.Add(e.Type);
        Assert.Equal(["run.completed"], types);
    }

    [Fact]
    public async Task A_stream_that_breaks_again_and_again_is_given_up()
    {
        await using var network = await BadNetwork.StartAsync(
            [.. Enumerable.Range(0, 30).Select(i => i % 2 == 0 ? BadNetwork.Events("", torn: false) : BadNetwork.Json(Open))]);
        await Assert.ThrowsAsync<OnCellUnreachableException>(async () =>
        {
            await foreach (var unused in network.Client().Runs.EventsAsync("acme", "r1")) Assert.Fail($"an event of nothing: {unused.Type}");
        });
    }

    private static string Event(int id, string type) => $"id: {id}\nevent: {type}\ndata: {{\"position\":\"1\"}}\n\n";
}
