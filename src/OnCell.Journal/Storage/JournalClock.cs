namespace OnCell.Journaling.Storage;

/// <summary>Times as the log keeps them: microseconds since 1970, UTC.</summary>
internal static class JournalClock
{
    public static long Micros(this TimeProvider clock) => clock.GetUtcNow().ToMicros();

    public static long ToMicros(this DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10;

    public static DateTimeOffset ToTime(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * 10);
}
