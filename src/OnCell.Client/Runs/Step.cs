namespace OnCell.Client;

/// <summary>Where a step stands.</summary>
public enum StepState
{
    /// <summary>A state that this version of the client does not know.</summary>
    Unknown,

    /// <summary>An attempt began and has not ended.</summary>
    Started,

    /// <summary>Ended with a result.</summary>
    Completed,

    /// <summary>Ended with an error.</summary>
    Failed,

    /// <summary>In doubt: waits for a person.</summary>
    NeedsDecision,
}

/// <summary>A durable step of a run.</summary>
public sealed record Step
{
    /// <summary>Gets the step's position in the run, such as <c>3</c>, <c>3.1</c> or <c>review/2</c>.</summary>
    public required string Position { get; init; }

    /// <summary>Gets the sort of step, such as <c>shell</c> or <c>llm</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Gets where it stands.</summary>
    public required StepState State { get; init; }

    /// <summary>Gets what the step does to the world, such as <c>read</c> or <c>unsafe</c>.</summary>
    public string? Effect { get; init; }

    /// <summary>Gets how many attempts there were.</summary>
    public required int Attempts { get; init; }

    /// <summary>Gets the epoch that wrote its end.</summary>
    public long Epoch { get; init; }

    /// <summary>Gets whether its result was taken from a command that had gone on without the service.</summary>
    public bool Reattached { get; init; }

    /// <summary>Gets how often its result was given from the journal instead of executing it.</summary>
    public long Replays { get; init; }

    /// <summary>Gets how long it took, in milliseconds.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>Gets when its last attempt began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Gets what was noted of it, such as <c>model</c> and <c>tokens</c>.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Gets the error of a failed step.</summary>
    public RunError? Error { get; init; }
}
