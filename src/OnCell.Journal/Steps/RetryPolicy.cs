namespace OnCell.Journaling;

/// <summary>
/// When a failed step is tried again. Each failed attempt is a row of the journal with the time of the next one, so a
/// restart neither forgets attempts nor shortens a wait.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>Gets how many attempts there are in all, the first among them; at least 1.</summary>
    /// <value>The default is 3.</value>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Gets the wait before the second attempt.</summary>
    /// <value>The default is one second.</value>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets what each wait is multiplied by to get the next; at least 1.</summary>
    /// <value>The default is 2.</value>
    public double Factor { get; init; } = 2;

    /// <summary>Gets the longest wait.</summary>
    /// <value>The default is one minute.</value>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets which failures are tried again.</summary>
    /// <value>The default is every failure.</value>
    public Func<Exception, bool> ShouldRetry { get; init; } = static _ => true;

    internal TimeSpan DelayAfter(int attempt)
    {
        var milliseconds = FirstDelay.TotalMilliseconds * Math.Pow(Factor, attempt - 1);
        return TimeSpan.FromMilliseconds(Math.Min(milliseconds, MaxDelay.TotalMilliseconds));
    }
}
