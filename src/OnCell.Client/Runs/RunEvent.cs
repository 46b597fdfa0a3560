using System.Text.Json.Nodes;

namespace OnCell.Client;

/// <summary>Something that happened in a run.</summary>
/// <param name="Id">Its number, after which a stream can be resumed; <see langword="null"/> for what is not stored, such as output.</param>
/// <param name="Type">What happened, such as <c>step.started</c>, <c>step.output</c>, <c>run.completed</c>.</param>
/// <param name="Data">The details.</param>
public sealed record RunEvent(long? Id, string Type, JsonObject Data)
{
    /// <summary>Gets whether the run has ended with this event.</summary>
    public bool IsLast => Type is "run.completed" or "run.failed" or "run.cancelled" or "run.diverged";

    /// <summary>Gets a text among the details, or <see langword="null"/>.</summary>
    /// <param name="name">Its name, such as <c>text</c> or <c>position</c>.</param>
    public string? Text(string name) => Data[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
