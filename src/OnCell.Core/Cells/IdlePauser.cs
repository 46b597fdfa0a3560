using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OnCell.Cells;

/// <summary>Freezes cells that nobody uses, and later stops them.</summary>
internal sealed class IdlePauser(CellTable cells)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = cells.Services.Loggers.CreateLogger("OnCell.Cells");

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, cells.Services.Time);
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
        {
            foreach (var cell in cells.All.ToArray()) await LookAtAsync(cell, stopping).ConfigureAwait(false);
        }
    }

    private async Task LookAtAsync(LiveCell cell, CancellationToken stopping)
    {
        try
        {
            if (NextTier(cell) is not { } tier || cell.Queue.Busy) return;
            if (await cell.TryPauseAsync(tier, stopping).ConfigureAwait(false))
                CellLog.StateChanged(_logger, cell.Id, cell.Record.State, cell.Record.Tier);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            CellLog.BackgroundFailed(_logger, cell.Id, "paused", e);
        }
    }

    private PauseTier? NextTier(LiveCell cell)
    {
        var (state, tier) = (cell.Record.State, cell.Record.Tier);
        if (state != CellState.Active && (state, tier) != (CellState.Paused, PauseTier.Frozen)) return null;
        using var scope = cells.Services.Provider.CreateScope();
        var spec = cell.Agent.Create(scope.ServiceProvider).Cell;
        if (cell.Idle < spec.IdleTimeout) return null;
        if (state == CellState.Active) return PauseTier.Frozen;
        return cell.Idle >= spec.IdleTimeout + spec.StopAfter ? PauseTier.Stopped : null;
    }
}
