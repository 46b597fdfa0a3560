namespace OnCell.Cells;

/// <summary>Taking turns, with <c>using</c>.</summary>
internal static class SemaphoreTurn
{
    public static async Task<Turn> TakeAsync(this SemaphoreSlim semaphore, CancellationToken cancellationToken)
    {
        await semaphore.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(semaphore);
    }

    internal readonly struct Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
