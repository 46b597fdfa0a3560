namespace OnCell.Journaling;

/// <summary>Where a step stands.</summary>
public enum StepState
{
    /// <summary>An attempt began and has not ended, or ended and is to be followed by another.</summary>
    Started = 1,

    /// <summary>Ended with a result.</summary>
    Completed = 2,

    /// <summary>Ended with an error.</summary>
    Failed = 3,

    /// <summary>In doubt: waits for <see cref="DurableJournal.DecideAsync"/>.</summary>
    NeedsDecision = 4,
}

/// <summary>A step as the journal has it at one moment.</summary>
/// <param name="Position">The step's position in the run: <c>3</c>, <c>3.1</c> (a sub-step), <c>review/2</c> (a branch).</param>
/// <param name="Kind">The sort of step.</param>
/// <param name="Name">The name shown to people.</param>
/// <param name="Effect">What the step does to the world.</param>
/// <param name="Attempts">How many attempts there were.</param>
/// <param name="State">Where the step stands.</param>
/// <param name="StartedAt">When the last attempt began.</param>
/// <param name="EndedAt">When the step ended.</param>
/// <param name="Epoch">
/// The epoch that wrote the end, or the last record of a step not ended. Lower than the run's: replayed since.
/// </param>
/// <param name="Reattached">Whether the result was taken from a holder that went on without this process.</param>
/// <param name="Annotations">What the body noted with <see cref="StepExecution.Annotate"/>.</param>
/// <param name="Error">The error of a failed step, or of the last failed attempt.</param>
/// <param name="NextAttemptAt">When a step that waits (for a retry, a timer) goes on.</param>
public sealed record StepInfo(
    string Position,
    string Kind,
    string Name,
    StepEffect Effect,
    int Attempts,
    StepState State,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long Epoch,
    bool Reattached,
    IReadOnlyDictionary<string, string> Annotations,
    RunError? Error,
    DateTimeOffset? NextAttemptAt);
