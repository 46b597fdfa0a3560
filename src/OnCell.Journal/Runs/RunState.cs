namespace OnCell.Journaling;

/// <summary>Where a run stands.</summary>
public enum RunState
{
    /// <summary>Started and not ended; resumed after a restart.</summary>
    Running = 1,

    /// <summary>Not ended; a step in doubt waits for <see cref="DurableJournal.DecideAsync"/>.</summary>
    NeedsDecision = 2,

    /// <summary>Stopped because the code and the history disagree; resumed only on purpose.</summary>
    Diverged = 3,

    /// <summary>Ended with a result.</summary>
    Completed = 4,

    /// <summary>Ended with an error.</summary>
    Failed = 5,

    /// <summary>Ended by a cancellation.</summary>
    Cancelled = 6,
}
