using Microsoft.Extensions.Logging;

namespace OnCell.Cells;

/// <summary>Freezes cells that nobody uses, and later frees their memory: sooner where the host is short of it, longest idle first.</summary>
internal sealed class IdlePauser(CellTable cells)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Awake, a cell in which nothing runs costs some processor time (gVisor's own), and a thaw about a millisecond.</summary>
    private static readonly TimeSpan QuietTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = cells.Services.Loggers.CreateLogger("OnCell.Cells");

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, cells.Services.Time);
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
        {
            foreach (var cell in cells.All.OrderByDescending(c => c.Idle).ToArray())
                await LookAtAsync(cell, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Says how deeply a cell is to be paused next, if at all.</summary>
    internal static PauseTier? NextTier(CellState state, PauseTier? tier, TimeSpan idle, CellSpec spec, bool memoryIsShort)
    {
        if (idle < spec.IdleTimeout) return null;
        if (state == CellState.Active) return PauseTier.Frozen;
        if ((state, tier) != (CellState.Paused, PauseTier.Frozen) || spec.IdleTier == PauseTier.Frozen) return null;
        return memoryIsShort || idle >= spec.IdleTimeout + spec.StopAfter ? spec.IdleTier : null;
    }

    private async Task LookAtAsync(LiveCell cell, CancellationToken stopping)
    {
        try
        {
            if (cell.Record.State is not (CellState.Active or CellState.Paused)) return; // a lease tells who uses it
            if ((NextTier(cell.Record.State, cell.Record.Tier, cell.Idle, cell.Spec, MemoryIsShort())
                ?? await QuietTierAsync(cell, stopping).ConfigureAwait(false)) is not { } tier) return;
            if (await cell.TryPauseAsync(tier, stopping).ConfigureAwait(false))
                CellLog.StateChanged(_logger, cell.Id, cell.Record.State, cell.Record.Tier);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            CellLog.BackgroundFailed(_logger, cell.Id, "paused", e);
        }
    }

    /// <summary>A cell in which no process is left has nothing to stay awake for.</summary>
    private static async Task<PauseTier?> QuietTierAsync(LiveCell cell, CancellationToken stopping)
    {
        if (cell.Record.State != CellState.Active || cell.Idle < QuietTimeout) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(QuietLimit);
        try
        {
            return await cell.CountProcessesAsync(limit.Token).ConfigureAwait(false) == 0 ? PauseTier.Frozen : null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return null; // it does not answer, and is looked at again
        }
    }

    private bool MemoryIsShort() => HostMemory.AvailableMegabytes() < cells.Services.Options.FreeMemoryMegabytes;
}
