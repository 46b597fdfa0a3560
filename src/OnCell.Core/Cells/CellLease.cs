namespace OnCell.Cells;

/// <summary>Keeps a cell awake until it is disposed.</summary>
internal sealed class CellLease(LiveCell cell) : IDisposable
{
    private int _released;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0) cell.Release();
    }
}
