namespace OnCell.Journaling;

/// <summary>
/// A step ended in failure, now or in an earlier execution: the same exception is thrown live and when replayed, so
/// code that catches it takes the same way both times. Live, the inner exception is what the body threw.
/// </summary>
public sealed class StepFailedException(string message, string position, RunError error, Exception? innerException = null)
    : JournalException(message, innerException)
{
    /// <summary>Gets the position of the failed step.</summary>
    public string Position { get; } = position;

    /// <summary>Gets what the journal keeps of the failure.</summary>
    public RunError Error { get; } = error;
}

/// <summary>
/// Thrown by the body of a step whose effect is held elsewhere (a command in a sandbox): the holder began this attempt
/// and lost it, so it will never finish. What happens next is the step's <see cref="InterruptedRule"/>.
/// </summary>
public sealed class StepInterruptedException(string message, Exception? innerException = null)
    : JournalException(message, innerException);
