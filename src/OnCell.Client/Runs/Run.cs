using System.Text.Json.Nodes;

namespace OnCell.Client;

/// <summary>Where a run stands.</summary>
public enum RunState
{
    /// <summary>A state that this version of the client does not know.</summary>
    Unknown,

    /// <summary>Started and not ended.</summary>
    Running,

    /// <summary>Not ended; a step in doubt waits for a person.</summary>
    NeedsDecision,

    /// <summary>Stopped because the code and the history disagree.</summary>
    Diverged,

    /// <summary>Ended with a result.</summary>
    Completed,

    /// <summary>Ended with an error.</summary>
    Failed,

    /// <summary>Ended by a cancellation.</summary>
    Cancelled,
}

/// <summary>One call of an agent's method.</summary>
public sealed record Run
{
    /// <summary>Gets the id.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets where it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>Gets how often it was claimed: 1 after the start, one more for each resume after a crash.</summary>
    public required long Epoch { get; init; }

    /// <summary>Gets when it was started.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets when it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Gets the result of a completed run.</summary>
    public JsonNode? Result { get; init; }

    /// <summary>Gets the error of a failed run.</summary>
    public RunError? Error { get; init; }

    /// <summary>Gets whether it has not ended.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsOpen => State is RunState.Running or RunState.NeedsDecision;
}

/// <summary>Why a run or step failed.</summary>
/// <param name="Type">The kind of error.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Detail">More for a person to read; or <see langword="null"/>.</param>
public sealed record RunError(string Type, string Message, string? Detail = null);

/// <summary>The body of a call of an agent's method.</summary>
internal sealed record RunRequest(string Customer, JsonObject Input);
