namespace OnCell.Journaling;

/// <summary>No run of this id is in the journal.</summary>
public sealed class RunNotFoundException(string message) : JournalException(message);

/// <summary>What was asked contradicts the state of the run: the id is taken by another input, the run has ended, ...</summary>
public sealed class RunConflictException(string message) : JournalException(message);

/// <summary>
/// The run stopped without ending and must not be completed or failed by this execution: dispose the
/// <see cref="JournalRun"/> and leave the run as the journal has it.
/// </summary>
public abstract class RunSuspendedException(string message) : JournalException(message);

/// <summary>
/// The code asked for another step than the one the journal holds at the same position. Nothing was executed; the run
/// is <see cref="RunState.Diverged"/> until it is resumed with code that fits its history.
/// </summary>
public sealed class RunDivergedException(string message, string position) : RunSuspendedException(message)
{
    /// <summary>Gets the position of the first step that differs.</summary>
    public string Position { get; } = position;
}

/// <summary>Another execution claimed the run and raised its epoch; this one may not write any more.</summary>
public sealed class LeaseLostException(string message) : RunSuspendedException(message);

/// <summary>The run was cancelled durably with <see cref="DurableJournal.CancelRunAsync"/>.</summary>
public sealed class RunCancelledException(string message, CancellationToken token)
    : OperationCanceledException(message, token);
