namespace OnCell.Benchmarks.Index;

/// <summary>Watches how far the process's resident memory grows.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private readonly long _base;
    private readonly Timer _timer;
    private long _peak;

    public MemoryWatch()
    {
        GC.Collect();
        _base = Environment.WorkingSet;
        _timer = new Timer(_ => Look(), null, 0, 20);
    }

    /// <summary>Gets the growth at its highest, in bytes.</summary>
    public long PeakGrowth
    {
        get
        {
            Look();
            return Interlocked.Read(ref _peak) - _base;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = Environment.WorkingSet;
        for (long seen; now > (seen = Interlocked.Read(ref _peak));) Interlocked.CompareExchange(ref _peak, now, seen);
    }
}
