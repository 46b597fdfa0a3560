using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OnCell.Journaling.Diagnostics;

/// <summary>The names of activities and instruments, all in one place. Durations are in seconds.</summary>
internal static class JournalTelemetry
{
    public const string Name = "OnCell.Journal";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    };

    public static readonly Histogram<double> Commits = Meter.CreateHistogram(
        "oncell.journal.commit.duration", "s", "One group commit, to the end of its fsync.", advice: Seconds);

    public static readonly Histogram<long> BatchSizes = Meter.CreateHistogram<long>(
        "oncell.journal.commit.writes", "{write}", "Writes that shared one commit.");

    public static readonly Counter<long> Steps = Meter.CreateCounter<long>(
        "oncell.journal.steps", "{step}", "Steps returned to their callers, by effect and by whether they were replayed.");
}
