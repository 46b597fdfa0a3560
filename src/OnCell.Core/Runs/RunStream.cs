using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using OnCell.Cells;
using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>A run's stored events and its live ones as one stream that ends with the run.</summary>
internal static class RunStream
{
    /// <summary>How long a live event waits for the stored one before it, which another thread is about to bring.</summary>
    private static readonly TimeSpan OrderWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads a run's events.</summary>
    /// <param name="cell">The run's cell.</param>
    /// <param name="live">Where the live events come from; ended with the stream.</param>
    /// <param name="afterSequence">The stored event after which to begin.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public static async IAsyncEnumerable<RunEvent> ReadAsync(
        LiveCell cell, RunEventHub.Subscription live, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var listening = live;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        await using var stored = journal.ReadEventsAsync(live.RunId, afterSequence, ends.Token).GetAsyncEnumerator(ends.Token);
        var started = new HashSet<string>(StringComparer.Ordinal);
        var next = stored.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                // While the journal has nothing new, what is live: at once where a listener resumes and has all that is stored.
                while (!next.IsCompleted)
                {
                    var heard = live.Reader.WaitToReadAsync(ends.Token).AsTask();
                    if (await Task.WhenAny(next, heard).ConfigureAwait(false) == next) break;
                    if (!await heard.ConfigureAwait(false)) break;
                    if (!IsOf(live, started) && await Task.WhenAny(next, Task.Delay(OrderWait, ends.Token)).ConfigureAwait(false) == next) break;
                    while (live.Reader.TryRead(out var e)) yield return e;
                }

                if (!await next.ConfigureAwait(false)) break;

                // A step's output was published before its end was stored, and comes before it here too; also where the listener
                // resumes after its start.
                if (stored.Current.Type != JournalEventTypes.StepStarted || started.Contains(stored.Current.Position))
                {
                    while (live.Reader.TryRead(out var e)) yield return e;
                }

                started.Add(stored.Current.Position);
                yield return ToEvent(stored.Current);
                next = stored.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await ends.CancelAsync().ConfigureAwait(false);
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsOf(RunEventHub.Subscription live, HashSet<string> started) =>
        !live.Reader.TryPeek(out var e) || e.Data["position"] is not { } position || started.Contains(position.GetValue<string>());

    private static RunEvent ToEvent(JournalEvent e)
    {
        var data = JsonNode.Parse(e.PayloadJson) as JsonObject ?? [];
        data["time"] = e.Time;
        if (e.Type == JournalEventTypes.RunStarted) data["runId"] = e.RunId;
        return new RunEvent(e.Sequence, e.Type, data);
    }
}
