using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OnCell.Core.Tests.Models.Wire;

/// <summary>Which provider is asked.</summary>
public sealed class RoutingTests
{
    [Fact]
    public async Task By_exact_model_then_by_provider_then_the_default()
    {
        await using var first = await ProviderServer.StartAsync();
        await using var second = await ProviderServer.StartAsync();
        first.Otherwise = OpenAiWire.Text("first");
        second.Otherwise = AnthropicWire.Text("second");
        await using var lab = new WireLab(o =>
        {
            o.Models = [WireLab.OpenAi(first, "a", "model-a"), WireLab.Anthropic(second, "b", "model-b")];
            o.DefaultModel = "b";
        });
        Assert.Equal("first", (await lab.AskAsync("hi", "model-a")).Response.Text);
        Assert.Equal("second", (await lab.AskAsync("hi", "model-b")).Response.Text);
        Assert.Equal("first", (await lab.AskAsync("hi", "a")).Response.Text);
        Assert.Equal("second", (await lab.AskAsync("hi")).Response.Text);
        Assert.Equal("b", (await lab.AskAsync("hi")).Provider);
    }

    [Fact]
    public async Task An_unknown_model_is_said_with_those_that_are_known_and_nobody_is_asked()
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = new WireLab(o => o.Models = [WireLab.OpenAi(server)]);
        var error = await lab.FailAsync("gtp-test");
        Assert.Equal((ModelFailure.UnknownModel, OnCellError.Invalid), (error.Failure, error.Error));
        Assert.Contains("gpt-test", error.Message);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Without_any_provider_the_way_to_add_one_is_said()
    {
        await using var lab = new WireLab(_ => { });
        Assert.Contains("AddModel", (await lab.FailAsync()).Message);
    }

    [Fact]
    public void Two_providers_of_one_name_are_refused()
    {
        var lab = new WireLab(o => o.Models = [new() { Name = "a", Model = "x" }, new() { Name = "a", Model = "y" }]);
        Assert.Contains("\"a\"", Assert.Throws<OnCellException>(() => lab.Router).Message);
    }

    [Fact]
    public async Task The_others_stand_in_in_order_where_that_is_wanted()
    {
        await using var down = await ProviderServer.StartAsync();
        await using var second = await ProviderServer.StartAsync();
        await using var third = await ProviderServer.StartAsync();
        down.Otherwise = (context, _) => ProviderServer.ErrorAsync(context, 500, "down");
        second.Otherwise = OpenAiWire.Cut(abort: true);
        third.Otherwise = AnthropicWire.Text("third");
        var failover = true;
        void Configure(OnCellOptions o)
        {
            o.Models = [WireLab.OpenAi(down, "a", "model-a"), WireLab.OpenAi(second, "b", "model-b"), WireLab.Anthropic(third, "c", "model-c")];
            o.ModelFailover = failover;
        }

        await using (var lab = new WireLab(Configure))
        {
            var pieces = new List<string?>();
            var answer = await lab.AskAsync("hi", "model-a", onText: pieces.Add);
            Assert.Equal(("third", "c"), (answer.Response.Text, answer.Provider));
            Assert.Equal((1, 1, 1), (down.Requests.Count, second.Requests.Count, third.Requests.Count));
            // What the second had said before it broke off does not stay in front of the third's answer.
            Assert.Equal("third", string.Concat(pieces.Skip(pieces.LastIndexOf(null) + 1)));
        }

        failover = false;
        await using (var lab = new WireLab(Configure))
        {
            Assert.Equal(ModelFailure.Unavailable, (await lab.FailAsync("model-a")).Failure);
            Assert.Single(third.Requests);
        }
    }

    [Fact]
    public async Task When_all_fail_each_is_named_with_its_reason()
    {
        await using var server = await ProviderServer.StartAsync();
        server.ThenError(401, OpenAiWire.Unauthorized).ThenError(500, "down");
        await using var lab = new WireLab(o =>
        {
            o.Models = [WireLab.OpenAi(server, "a", "model-a"), WireLab.OpenAi(server, "b", "model-b")];
            o.ModelFailover = true;
        });
        var error = await lab.FailAsync();
        Assert.Contains("\"a\"", error.Message);
        Assert.Contains("\"b\"", error.Message);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Calls_are_seen_under_open_telemetrys_names()
    {
        await using var server = await ProviderServer.StartAsync();
        server.Otherwise = OpenAiWire.Text("ok");
        await using var lab = new WireLab(o => o.Models = [WireLab.OpenAi(server, model: "telemetry-model")]);
        var activities = new ConcurrentQueue<Activity>();
        var tokens = new ConcurrentQueue<(string Type, long Count)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "OnCell",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener { InstrumentPublished = (i, l) => { if (i.Meter.Name == "OnCell") l.EnableMeasurementEvents(i); } };
        void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray();
            if (instrument.Name == "gen_ai.client.token.usage" && all.Any(t => Equals(t.Value, "telemetry-model")))
                tokens.Enqueue(((string)all.Single(t => t.Key == "gen_ai.token.type").Value!, value));
        }

        meters.SetMeasurementEventCallback<int>((i, v, t, _) => Count(i, v, t));
        meters.SetMeasurementEventCallback<long>((i, v, t, _) => Count(i, v, t));
        meters.Start();
        await lab.AskAsync("a prompt that stays private");
        var activity = Assert.Single(activities, a => Equals(a.GetTagItem("gen_ai.request.model"), "telemetry-model"));
        Assert.Equal("chat", activity.GetTagItem("gen_ai.operation.name"));
        Assert.DoesNotContain(activity.TagObjects, t => t.Value?.ToString()?.Contains("private", StringComparison.Ordinal) == true);
        Assert.Equal([("input", 11L), ("output", 7L)], tokens.Order());
    }
}
