namespace OnCell.Journaling;

/// <summary>Something that happened to a run, as the journal has it.</summary>
/// <param name="Sequence">The event's number in the journal, rising; read on after it.</param>
/// <param name="RunId">The run.</param>
/// <param name="Type">
/// What happened: one of the names of <see cref="JournalEventTypes"/>.
/// </param>
/// <param name="Position">The step's position; empty for events of the run.</param>
/// <param name="PayloadJson">
/// A small JSON object. Steps: <c>position</c>, <c>kind</c>, <c>name</c>, <c>attempt</c>, <c>epoch</c>, and once they ended
/// <c>state</c> (completed or failed), <c>milliseconds</c>, <c>reattached</c>, <c>error</c>. Runs: <c>method</c>, <c>result</c>, <c>error</c>.
/// </param>
/// <param name="Time">When it was written.</param>
public sealed record JournalEvent(
    long Sequence, string RunId, string Type, string Position, string PayloadJson, DateTimeOffset Time);
