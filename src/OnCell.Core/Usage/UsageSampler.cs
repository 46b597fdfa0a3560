using Microsoft.Extensions.Logging;
using OnCell.Cells;
using OnCell.Quotas;

namespace OnCell.Usage;

/// <summary>Looks at every cell every ten seconds: what it was in, and what it took.</summary>
internal sealed class UsageSampler(CellTable cells, QuotaWatch quotas)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks a machine may sleep; nobody is billed for that.</summary>
    private static readonly TimeSpan MaxElapsed = Period * 6;

    private readonly ILogger _logger = cells.Services.Loggers.CreateLogger("OnCell.Usage");
    private readonly Dictionary<string, TimeSpan> _cpu = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken stopping)
    {
        var time = cells.Services.Time;
        using var timer = new PeriodicTimer(Period, time);
        var last = time.GetTimestamp();
        while (true)
        {
            var more = await WaitAsync(timer, stopping).ConfigureAwait(false);
            var now = time.GetTimestamp();
            var elapsed = time.GetElapsedTime(last, now);
            last = now;
            Sample(elapsed < MaxElapsed ? elapsed : MaxElapsed);
            if (!more) return;
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Sample(TimeSpan elapsed)
    {
        try
        {
            foreach (var cell in cells.All) SampleOne(cell, elapsed.TotalSeconds);
            foreach (var gone in _cpu.Keys.Except(cells.All.Select(c => c.Id)).ToArray()) _cpu.Remove(gone);
            cells.Services.Usage.Flush();
            foreach (var cell in cells.All) quotas.LookAt(cell);
        }
        catch (Exception e)
        {
            // What was counted is kept and written the next time; metering must not end the service.
            UsageLogMessages.NotWritten(_logger, e);
        }
    }

    private void SampleOne(LiveCell cell, double seconds)
    {
        if (cell.Record.State is CellState.Failed or CellState.Deleting) return;
        var usage = cells.Services.Usage;
        usage.Add(cell.Id, cell.Record.State == CellState.Paused ? UsageMeters.PausedSeconds : UsageMeters.ActiveSeconds, seconds);
        if (cell.ReadUsage() is not { } now)
        {
            _cpu.Remove(cell.Id);
            return;
        }

        usage.Add(cell.Id, UsageMeters.MemoryByteSeconds, now.MemoryBytes * seconds);
        usage.Add(cell.Id, UsageMeters.DiskByteSeconds, now.DiskBytes * seconds);

        // A new sandbox counts from zero; what the one before used since the last look is not known and not billed.
        var before = _cpu.GetValueOrDefault(cell.Id);
        usage.Add(cell.Id, UsageMeters.CpuSeconds, (now.Cpu >= before ? now.Cpu - before : now.Cpu).TotalSeconds);
        _cpu[cell.Id] = now.Cpu;
    }
}

internal static partial class UsageLogMessages
{
    [LoggerMessage(1300, LogLevel.Error, "What the cells used could not be written; it is tried again")]
    public static partial void NotWritten(ILogger logger, Exception error);
}
