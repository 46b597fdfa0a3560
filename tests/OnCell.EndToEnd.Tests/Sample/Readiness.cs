namespace OnCell.EndToEnd.Tests.Sample;

internal static class Readiness
{
    /// <summary>Waits until a service that was started owns its data.</summary>
    public static async Task WhenReadyAsync(this ICellManager cells, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await cells.ListAsync(cancellationToken);
                return;
            }
            catch (OnCellException e) when (e.Error == OnCellError.Unavailable)
            {
                await Task.Delay(20, cancellationToken);
            }
        }
    }
}
