using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Diagnostics;

public class TelemetryTests
{
    [Fact]
    public async Task There_is_an_activity_for_each_run_step_and_attempt_and_replayed_ones_say_so()
    {
        var id = $"traced-{Guid.NewGuid()}";
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "OnCell.Journal",
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync(id))
            await ExecuteAsync(run, failFirst: true);
        await using (var resumed = await (await file.ReopenAsync()).ResumeRunAsync(id, Step.Ct))
        {
            await ExecuteAsync(resumed, failFirst: false);
            await resumed.CompleteAsync("1", Step.Ct);
        }

        var runs = ended.Where(activity => activity.OperationName == "run" && id.Equals(activity.GetTagItem("oncell.run.id"))).ToArray();
        Assert.Equal([false, true], runs.Select(run => run.GetTagItem("oncell.replayed")));
        Assert.Equal("Completed", runs[1].GetTagItem("oncell.run.state"));
        var first = ended.Where(activity => activity.TraceId == runs[0].TraceId).ToArray();
        var step = Assert.Single(first, activity => "1".Equals(activity.GetTagItem("oncell.step.position")));
        Assert.Equal((runs[0].SpanId, false), (step.ParentSpanId, step.GetTagItem("oncell.replayed")));
        Assert.Equal(
            ["1 Retrying", "2 Completed"],
            first.Where(activity => activity.ParentSpanId == step.SpanId)
                .Select(activity => $"{activity.GetTagItem("oncell.step.attempt")} {activity.GetTagItem("oncell.step.outcome")}"));
        var children = first.Where(activity => "1.1".Equals(activity.GetTagItem("oncell.step.position"))).ToArray();
        Assert.Equal([false, true], children.Select(child => child.GetTagItem("oncell.replayed")));
        Assert.All(children, child => Assert.Contains(
            first, activity => activity.SpanId == child.ParentSpanId && activity.OperationName == "attempt"));
        var replayed = Assert.Single(
            ended, activity => activity.TraceId == runs[1].TraceId && "1".Equals(activity.GetTagItem("oncell.step.position")));
        Assert.Equal(true, replayed.GetTagItem("oncell.replayed"));
    }

    [Fact]
    public async Task Meters_count_steps_attempts_commits_and_runs()
    {
        var counts = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listening) =>
        {
            if (instrument.Meter.Name == "OnCell.Journal")
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Count(instrument.Name, value, tags));
        listener.Start();
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            await ExecuteAsync(run, failFirst: true);
            await run.CompleteAsync("1", Step.Ct);
        }

        // Other tests run beside this one and count too.
        foreach (var name in new[]
                 {
                     "oncell.journal.steps", "oncell.journal.step.duration", "oncell.journal.attempts Retrying", "oncell.journal.attempts Completed",
                     "oncell.journal.commit.duration", "oncell.journal.commit.writes", "oncell.journal.runs Completed",
                 })
        {
            Assert.Contains(counts, count => count.Key.StartsWith(name, StringComparison.Ordinal) && count.Value > 0);
        }

        void Count(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = tags.Length > 0 ? $"{name} {tags[0].Value}" : name;
            counts.AddOrUpdate(key, value, (_, before) => before + value);
        }
    }

    private static Task<int> ExecuteAsync(JournalRun run, bool failFirst) => run.StepAsync(
        Step.Async(StepEffect.Idempotent, async (step, _) =>
        {
            var child = await step.DoAsync(StepEffect.Read, _ => 1, "child");
            return failFirst && step.Attempt == 1 ? throw new IOException("busy") : child;
        }) with
        { Retry = new RetryPolicy { FirstDelay = TimeSpan.Zero } },
        Step.Ct);
}
