using Microsoft.Extensions.Logging;
using OnCell.Journaling;
using OnCell.Runs;

namespace OnCell.Cells;

/// <summary>Brings what a dead process left on the host and what the registry says into line, then takes up open runs.</summary>
internal sealed class CellRecovery(CellTable cells, CellCreation creation, CellDeletion deletion)
{
    /// <summary>How many cells are looked at together; a hundred sandboxes that start at once would each start late.</summary>
    private const int AtOnce = 16;

    private readonly ILogger _logger = cells.Services.Loggers.CreateLogger("OnCell.Cells");

    /// <summary>Does what must be done before the first request; what takes long goes on in the background.</summary>
    public async Task<Task> RunAsync(long epoch, CancellationToken stopping)
    {
        var services = cells.Services;
        var found = await services.Runtime.ListAsync(stopping).ConfigureAwait(false);
        var records = services.Registry.List();
        CellLog.Owner(_logger, services.Paths.DataRoot, epoch, records.Count, found.Count);
        var ids = found.Select(id => id.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var record in records) cells.Add(record, ids.Contains(record.Id));
        foreach (var orphan in found.Where(id => records.All(r => r.Id != id.Value || r.State == CellState.Failed)))
        {
            CellLog.RemovingOrphan(_logger, orphan.Value);
            await services.Runtime.DestroyAsync(orphan, stopping).ConfigureAwait(false);
        }

        return Parallel.ForEachAsync(
            cells.All.ToArray(),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping },
            async (cell, _) => await RecoverAsync(cell, ids.Contains(cell.Id), stopping).ConfigureAwait(false));
    }

    private async Task RecoverAsync(LiveCell cell, bool found, CancellationToken stopping)
    {
        try
        {
            switch (cell.Record.State)
            {
                case CellState.Creating:
                    await creation.RunAsync(cell, null, stopping).ConfigureAwait(false);
                    break;
                case CellState.Deleting:
                    await deletion.RunAsync(cell, stopping).ConfigureAwait(false);
                    break;
                case CellState.Failed:
                    break;
                default:
                    if (found || cell.Record.State != CellState.Paused) await cell.AttachAsync(stopping).ConfigureAwait(false);
                    if (cell.Record.Busy) await TakeUpRunsAsync(cell, stopping).ConfigureAwait(false);
                    break;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next process goes on.
        }
        catch (Exception e)
        {
            CellLog.BackgroundFailed(_logger, cell.Id, "recovered", e);
        }
    }

    private async Task TakeUpRunsAsync(LiveCell cell, CancellationToken stopping)
    {
        var journal = await cell.GetJournalAsync(stopping).ConfigureAwait(false);
        var open = await journal.ListRunsAsync(RunFilter.Open, stopping).ConfigureAwait(false);
        await RunNews.TellWebhooksAsync(cell, cells.Services, stopping).ConfigureAwait(false);
        RunLog.TakingUp(_logger, open.Count, cell.Id);
        foreach (var run in open.OrderBy(r => r.CreatedAt)) cell.Queue.Enqueue(run.Id);
        if (open.Count == 0) cells.Services.Registry.SetBusy(cell.Id, false);
    }
}
