using Microsoft.Extensions.Logging;

namespace OnCell.Images;

/// <summary>Has base systems removed that nobody uses any more: when the service starts, and once a day.</summary>
internal sealed class ImageUpkeep(IImages images, TimeSpan unusedFor, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await images.PruneAsync(unusedFor, dryRun: false, stopping).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                ImageLog.NotPruned(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false));
    }
}
