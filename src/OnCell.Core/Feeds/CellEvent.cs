using System.Text.Json.Nodes;

namespace OnCell;

/// <summary>Something that happened to a customer's cell.</summary>
/// <param name="Sequence">Its number in this process, from which a stream can be resumed.</param>
/// <param name="Time">When.</param>
/// <param name="Type">
/// What: <c>cell.state</c>, <c>run.queued</c>, <c>run.completed</c>, <c>run.failed</c>, <c>run.cancelled</c>,
/// <c>run.needsDecision</c>, <c>egress</c>, <c>quota.near</c>, or <c>log</c> for a line of the agent's log.
/// </param>
/// <param name="Data">The details, without secrets.</param>
public sealed record CellEvent(long Sequence, DateTimeOffset Time, string Type, JsonObject Data);
