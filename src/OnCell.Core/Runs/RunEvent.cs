using System.Text.Json.Nodes;

namespace OnCell;

/// <summary>Something that happened in a run.</summary>
/// <param name="Sequence">Its number in the journal, from which a stream can be resumed; <see langword="null"/> for what is not stored.</param>
/// <param name="Type">What happened: <c>run.started</c>, <c>step.started</c>, <c>step.output</c>, <c>step.ended</c>, <c>step.replayed</c>, <c>run.completed</c>, <c>run.failed</c>, …</param>
/// <param name="Data">The details.</param>
public sealed record RunEvent(long? Sequence, string Type, JsonObject Data);
