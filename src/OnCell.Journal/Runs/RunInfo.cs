namespace OnCell.Journaling;

/// <summary>A run as the journal has it at one moment.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="Method">What is executed.</param>
/// <param name="InputJson">The input as JSON.</param>
/// <param name="CodeVersion">The version of the code that started the run.</param>
/// <param name="State">Where the run stands.</param>
/// <param name="Epoch">How often the run was claimed: 1 after the start, one more for each resume.</param>
/// <param name="CreatedAt">When the run was started.</param>
/// <param name="EndedAt">When the run ended; <see langword="null"/> while it is open.</param>
/// <param name="ResultJson">The result of a completed run.</param>
/// <param name="Error">The error of a failed run, or the difference that stopped a diverged one.</param>
/// <param name="CancelRequested">Whether the run was cancelled durably.</param>
/// <param name="ForkedFrom">The run this one was forked from.</param>
public sealed record RunInfo(
    string Id,
    string Method,
    string InputJson,
    string CodeVersion,
    RunState State,
    long Epoch,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    string? ResultJson,
    RunError? Error,
    bool CancelRequested,
    string? ForkedFrom)
{
    /// <summary>Gets a value indicating whether the run is to be resumed after a restart.</summary>
    public bool IsOpen => State is RunState.Running or RunState.NeedsDecision;
}
