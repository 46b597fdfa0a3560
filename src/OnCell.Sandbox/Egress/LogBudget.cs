namespace OnCell.Sandboxes.Egress;

/// <summary>Bounds how many lines a sandbox can cause in the host's log: a loop of refused requests must not fill a disk.</summary>
internal sealed class LogBudget(TimeProvider time)
{
    private const int LinesPerWindow = 60;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _windowStart = time.GetTimestamp();
    private int _lines;
    private int _skipped;

    /// <summary>Takes one line.</summary>
    /// <returns>How many were skipped since the last line; -1 where this one is to be skipped too.</returns>
    public int Take()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_windowStart) >= Window)
                (_windowStart, _lines) = (time.GetTimestamp(), 0);
            if (_lines == LinesPerWindow)
            {
                _skipped++;
                return -1;
            }

            _lines++;
            var skipped = _skipped;
            _skipped = 0;
            return skipped;
        }
    }
}
