using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OnCell.Journaling.Diagnostics;

/// <summary>The names of activities and instruments, all in one place. Durations are in seconds.</summary>
internal static class JournalTelemetry
{
    public const string Name = "OnCell.Journal";

    /// <summary>The activity of an execution of a run, the parent of its steps'.</summary>
    public const string RunActivity = "run";

    /// <summary>The activity of one execution of a step's body, the child of the step's.</summary>
    public const string AttemptActivity = "attempt";

    public const string RunId = "oncell.run.id";
    public const string RunMethod = "oncell.run.method";
    public const string RunEpoch = "oncell.run.epoch";
    public const string StateTag = "oncell.run.state";
    public const string StepPosition = "oncell.step.position";
    public const string StepName = "oncell.step.name";
    public const string EffectTag = "oncell.step.effect";
    public const string Attempt = "oncell.step.attempt";
    public const string InDoubt = "oncell.step.in_doubt";
    public const string Outcome = "oncell.step.outcome";
    public const string Replayed = "oncell.replayed";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300],
    };

    public static readonly Histogram<double> Commits = Meter.CreateHistogram(
        "oncell.journal.commit.duration", "s", "One group commit, to the end of its fsync.", advice: Seconds);

    public static readonly Histogram<long> BatchSizes = Meter.CreateHistogram<long>(
        "oncell.journal.commit.writes", "{write}", "Writes that shared one commit.");

    public static readonly Counter<long> Faults = Meter.CreateCounter<long>(
        "oncell.journal.faults", "{fault}", "Journals that took no more writes since one failed.");

    public static readonly Counter<long> Steps = Meter.CreateCounter<long>(
        "oncell.journal.steps", "{step}", "Steps returned to their callers, by effect and by whether they were replayed.");

    public static readonly Histogram<double> StepDurations = Meter.CreateHistogram(
        "oncell.journal.step.duration", "s", "A step that was not replayed, from its call to its end on the disk, by effect.", advice: Seconds);

    public static readonly Counter<long> Attempts = Meter.CreateCounter<long>(
        "oncell.journal.attempts", "{attempt}", "Attempts of steps, by outcome: Completed, Failed, Retrying, Interrupted, Parked, Stopped (in doubt).");

    public static readonly UpDownCounter<long> LiveRuns = Meter.CreateUpDownCounter<long>(
        "oncell.journal.runs.live", "{run}", "Runs that are being executed.");

    public static readonly Counter<long> Runs = Meter.CreateCounter<long>(
        "oncell.journal.runs", "{run}", "Runs that ended or stopped, by state: Completed, Failed, Cancelled, Diverged.");

    public static void CountStep(StepEffect effect, bool replayed, long began)
    {
        if (Steps.Enabled)
            Steps.Add(1, new(EffectTag, effect.ToString()), new(Replayed, replayed));
        if (!replayed && StepDurations.Enabled)
            StepDurations.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>(EffectTag, effect.ToString()));
    }

    public static void CountAttempt(string outcome)
    {
        if (Attempts.Enabled)
            Attempts.Add(1, new KeyValuePair<string, object?>(Outcome, outcome));
    }

    public static void CountRun(JournalRun run, RunState state)
    {
        run.Activity?.SetTag(StateTag, state.ToString());
        if (Runs.Enabled)
            Runs.Add(1, new KeyValuePair<string, object?>(StateTag, state.ToString()));
    }

    /// <summary>Begins the activity of a run's execution. It lasts longer than the call that begins it, and is nobody's current one.</summary>
    public static Activity? StartRun(JournalRun run, bool resumed)
    {
        var outer = Activity.Current;
        var activity = Activities.StartActivity(RunActivity);
        Activity.Current = outer;
        return activity?.SetTag(RunId, run.Id).SetTag(RunMethod, run.Method).SetTag(RunEpoch, run.Epoch).SetTag(Replayed, resumed);
    }

    /// <summary>Begins a step's activity: under the attempt whose sub-step it is, else under the run.</summary>
    public static Activity? StartStep(JournalRun run, string kind)
    {
        if (!Activities.HasListeners())
            return null;
        for (var around = Activity.Current; around is not null; around = around.Parent)
        {
            if (around.Source == Activities)
                return Activities.StartActivity(kind);
        }

        return run.Activity is { } parent
            ? Activities.StartActivity(kind, ActivityKind.Internal, parent.Context)
            : Activities.StartActivity(kind);
    }
}
