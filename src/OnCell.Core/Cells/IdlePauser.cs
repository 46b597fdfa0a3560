using Microsoft.Extensions.Logging;

namespace OnCell.Cells;

/// <summary>Freezes cells that nobody uses, and later frees their memory: sooner where the host is short of it, longest idle first.</summary>
internal sealed class IdlePauser(CellTable cells)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

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
            if (NextTier(cell.Record.State, cell.Record.Tier, cell.Idle, cell.Spec, MemoryIsShort()) is not { } tier) return;
            if (await cell.TryPauseAsync(tier, stopping).ConfigureAwait(false))
                CellLog.StateChanged(_logger, cell.Id, cell.Record.State, cell.Record.Tier);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            CellLog.BackgroundFailed(_logger, cell.Id, "paused", e);
        }
    }

    private bool MemoryIsShort() => HostMemory.AvailableMegabytes() < cells.Services.Options.FreeMemoryMegabytes;
}
