using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Steps.Execution;

/// <summary>Waits for times that are stored, so by the wall clock.</summary>
internal static class WallClock
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);

    /// <summary>Waits for a time, looking again now and then, since the clock may be set while we sleep.</summary>
    public static async Task SleepUntilAsync(TimeProvider clock, long due, CancellationToken ct)
    {
        while (Left(clock, due) is { Ticks: > 0 } left)
            await Task.Delay(left < LongestSleep ? left : LongestSleep, clock, ct).ConfigureAwait(false);
    }

    public static TimeSpan Left(TimeProvider clock, long due) => JournalClock.ToTime(due) - clock.GetUtcNow();
}
