namespace OnCell.Journaling;

/// <summary>The types of <see cref="JournalEvent"/>.</summary>
public static class JournalEventTypes
{
    /// <summary>The run was started.</summary>
    public const string RunStarted = "run.started";

    /// <summary>The run was claimed by another execution, with a higher epoch.</summary>
    public const string RunResumed = "run.resumed";

    /// <summary>The run ended with a result.</summary>
    public const string RunCompleted = "run.completed";

    /// <summary>The run ended with an error.</summary>
    public const string RunFailed = "run.failed";

    /// <summary>The run ended by a cancellation.</summary>
    public const string RunCancelled = "run.cancelled";

    /// <summary>The run was stopped: its code and its history disagree.</summary>
    public const string RunDiverged = "run.diverged";

    /// <summary>The run's cancellation was asked for.</summary>
    public const string RunCancelRequested = "run.cancel-requested";

    /// <summary>An attempt of a step with an effect began.</summary>
    public const string StepStarted = "step.started";

    /// <summary>A step ended, with a result or an error.</summary>
    public const string StepEnded = "step.ended";

    /// <summary>An attempt failed and another will follow.</summary>
    public const string StepRetrying = "step.retrying";

    /// <summary>An attempt was begun and lost by whoever held its effect.</summary>
    public const string StepInterrupted = "step.interrupted";

    /// <summary>A step in doubt waits for a person.</summary>
    public const string StepParked = "step.needs-decision";

    /// <summary>A person decided on a step in doubt.</summary>
    public const string StepDecided = "step.decided";

    /// <summary>A signal was sent to the run.</summary>
    public const string SignalReceived = "signal.received";
}
