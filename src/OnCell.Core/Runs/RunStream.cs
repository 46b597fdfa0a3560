using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using OnCell.Cells;
using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>A run's stored events and its live ones as one stream that ends with the run.</summary>
internal static class RunStream
{
    private const int Capacity = 256;

    public static async IAsyncEnumerable<RunEvent> ReadAsync(
        LiveCell cell, string runId, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var live = cell.Events.Subscribe(runId);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var merged = Channel.CreateBounded<RunEvent>(Capacity);
        var stored = PumpStoredAsync(cell, runId, afterSequence, merged.Writer, ends.Token);
        var output = PumpLiveAsync(live, merged.Writer, ends.Token);
        try
        {
            await foreach (var e in merged.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return e;
        }
        finally
        {
            await ends.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(stored, output).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task PumpStoredAsync(
        LiveCell cell, string runId, long afterSequence, ChannelWriter<RunEvent> writer, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
            await foreach (var e in journal.ReadEventsAsync(runId, afterSequence, cancellationToken).ConfigureAwait(false))
            {
                var data = JsonNode.Parse(e.PayloadJson) as JsonObject ?? [];
                data["time"] = e.Time;
                if (e.Type == JournalEventTypes.RunStarted) data["runId"] = runId;
                await writer.WriteAsync(new RunEvent(e.Sequence, e.Type, data), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            error = e;
        }

        writer.TryComplete(error);
    }

    private static async Task PumpLiveAsync(
        RunEventHub.Subscription live, ChannelWriter<RunEvent> writer, CancellationToken cancellationToken)
    {
        await foreach (var e in live.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            // The stored stream completes the writer when the run has ended; what comes then is too late.
            if (await writer.WaitToWriteAsync(cancellationToken).ConfigureAwait(false)) writer.TryWrite(e);
        }
    }
}
