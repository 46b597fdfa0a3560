using Microsoft.Extensions.Logging;

namespace OnCell.Cells;

/// <summary>Has base systems removed that no cell uses any more: when the service starts, and once a day.</summary>
internal sealed class ImageUpkeep(CellServices services)
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    private readonly ILogger _logger = services.Loggers.CreateLogger("OnCell.Cells");

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, services.Time);
        do
        {
            try
            {
                await services.Sandboxes.PruneImagesAsync(services.Options.KeepImages, stopping).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                CellLog.ImagesNotRemoved(_logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false));
    }
}
