using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OnCell.Journaling;
using OnCell.Runs;
using OnCell.Sandboxes;

namespace OnCell.Cells;

/// <summary>Makes a cell that the registry holds as <see cref="CellState.Creating"/>: sandbox, then the agent's setup as a run.</summary>
/// <remarks>Killed at any moment, it is called again by the next process and goes on; failed, it leaves only the reason.</remarks>
internal sealed class CellCreation(CellServices services)
{
    private readonly ILogger _logger = services.Loggers.CreateLogger("OnCell.Cells");

    public async Task RunAsync(LiveCell cell, IProgress<CellProgress>? progress, CancellationToken stopping)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            if (cell.Record.Origin is { } origin) await CopyDiskAsync(cell, origin, progress, stopping).ConfigureAwait(false);
            await cell.StartFirstAsync(progress, stopping).ConfigureAwait(false);
            cell.NoteTiming("sandbox_ms", watch.Elapsed);
            if (cell.Record.Origin is null) await SetUpAsync(cell, progress, stopping).ConfigureAwait(false);
            cell.SetState(CellState.Active);
            cell.NoteTiming("create_ms", watch.Elapsed);
            CellLog.Created(_logger, cell.Id, watch.Elapsed.TotalMilliseconds);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            CellLog.CreateFailed(_logger, cell.Id, e);
            await UndoAsync(cell).ConfigureAwait(false);
            cell.SetState(CellState.Failed, null, e.Message);
            throw e as OnCellException
                ?? new OnCellException(OnCellError.Failed, $"The cell of \"{cell.Id}\" could not be made: {e.Message}", e);
        }
    }

    private async Task CopyDiskAsync(LiveCell cell, string origin, IProgress<CellProgress>? progress, CancellationToken stopping)
    {
        var folder = services.Paths.Cell(cell.Id);
        if (services.Runtime.Snapshots.HasVolume(folder)) return; // copied before an earlier process died
        progress?.Report(new CellProgress("sandbox", $"copying the disk of {origin}"));
        await services.Runtime.Snapshots.ForkAsync(
            new SandboxId(origin), services.Paths.Cell(origin), cell.Record.OriginSnapshot, folder, stopping).ConfigureAwait(false);
    }

    private static async Task SetUpAsync(LiveCell cell, IProgress<CellProgress>? progress, CancellationToken stopping)
    {
        var journal = await cell.GetJournalAsync(stopping).ConfigureAwait(false);
        using (var code = cell.LeaseAgent())
        {
            var start = new RunStart(RunExecutor.Setup, RunExecutor.Setup, "{}", code.Agent.CodeVersion);
            await (await journal.StartRunAsync(start, stopping).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }

        var report = progress is null ? Task.CompletedTask : ReportAsync(cell, progress, stopping);
        cell.Queue.Enqueue(RunExecutor.Setup);
        await cell.Queue.WaitAsync(RunExecutor.Setup, stopping).ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested();
        var run = await journal.GetRunAsync(RunExecutor.Setup, stopping).ConfigureAwait(false);
        await report.ConfigureAwait(false);
        if (run is not { State: RunState.Completed })
            throw new OnCellException(OnCellError.Failed,
                $"The agent's setup of \"{cell.Id}\" failed: {run?.Error?.Message ?? $"it is {run?.State}"}");
    }

    private static async Task ReportAsync(LiveCell cell, IProgress<CellProgress> progress, CancellationToken stopping)
    {
        await foreach (var e in RunStream.ReadAsync(cell, cell.Events.Subscribe(RunExecutor.Setup), 0, stopping).ConfigureAwait(false))
        {
            if (ToProgress(e) is { } step) progress.Report(step);
        }
    }

    private static CellProgress? ToProgress(RunEvent e) => e.Type switch
    {
        "step.started" or "step.ended" => new CellProgress(
            e.Data["kind"]?.GetValue<string>() == "index" ? "index" : "setup",
            $"{e.Data["name"]} {(e.Type == "step.started" ? "…" : Took(e.Data))}"),
        "step.progress" => new CellProgress(
            "index", $"{e.Data["phase"]}: {e.Data["chunks"]} chunks", e.Data["done"]?.GetValue<long>(), e.Data["total"]?.GetValue<long>()),
        _ => null,
    };

    private static string Took(JsonObject step) => $"({step["state"]}, {step["milliseconds"]} ms)";

    private async Task UndoAsync(LiveCell cell)
    {
        try
        {
            await cell.ShutAsync(CancellationToken.None).ConfigureAwait(false);
            var folder = services.Paths.Cell(cell.Id);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e)
        {
            // The reason of the failure is what people must see; what is left here is removed at the next start or delete.
            CellLog.BackgroundFailed(_logger, cell.Id, "cleared away", e);
        }
    }
}
