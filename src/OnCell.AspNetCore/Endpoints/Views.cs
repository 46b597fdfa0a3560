using System.Text.Json.Nodes;
using OnCell.Journaling;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>A run as the API shows it.</summary>
internal sealed record RunView
{
    public required string RunId { get; init; }

    public required string Customer { get; init; }

    public required string Method { get; init; }

    public required RunState State { get; init; }

    public required long Epoch { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public JsonNode? Input { get; init; }

    public JsonNode? Result { get; init; }

    public RunError? Error { get; init; }

    /// <summary>Gets whether its end was asked for; it ends at its next step.</summary>
    public bool CancelRequested { get; init; }

    public string? ForkedFrom { get; init; }

    public static RunView From(string customer, RunInfo run) => new()
    {
        RunId = run.Id,
        Customer = customer,
        Method = run.Method,
        State = run.State,
        Epoch = run.Epoch,
        Created = run.CreatedAt,
        Ended = run.EndedAt,
        Input = JsonNode.Parse(run.InputJson),
        CancelRequested = run.CancelRequested,
        ForkedFrom = run.ForkedFrom,
        Result = run.ResultJson is { } result ? JsonNode.Parse(result) : null,
        Error = run.Error,
    };
}

/// <summary>A step as the API shows it.</summary>
internal sealed record StepView
{
    public required string Position { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required StepState State { get; init; }

    public required StepEffect Effect { get; init; }

    public required int Attempts { get; init; }

    public required long Epoch { get; init; }

    public required bool Reattached { get; init; }

    /// <summary>Gets how often the result was given from the journal instead of executing the step.</summary>
    public required long Replays { get; init; }

    public double? Milliseconds { get; init; }

    public required DateTimeOffset Started { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public RunError? Error { get; init; }

    public static StepView From(StepInfo step, long runEpoch) => new()
    {
        Position = step.Position,
        Kind = step.Kind,
        Name = step.Name,
        State = step.State,
        Effect = step.Effect,
        Attempts = step.Attempts,
        Epoch = step.Epoch,
        Reattached = step.Reattached,
        Replays = step.EndedAt is null ? 0 : runEpoch - step.Epoch,
        Milliseconds = (step.EndedAt - step.StartedAt)?.TotalMilliseconds,
        Started = step.StartedAt,
        Annotations = step.Annotations.Count == 0 ? null : step.Annotations,
        Error = step.Error,
    };
}
