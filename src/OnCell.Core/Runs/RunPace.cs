namespace OnCell.Runs;

/// <summary>How long the runs of a cell take, to tell a caller when to try again.</summary>
internal sealed class RunPace(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly List<long> _begun = [];
    private TimeSpan _usual = TimeSpan.FromSeconds(5);

    public Run Begin()
    {
        var now = time.GetTimestamp();
        lock (_lock) _begun.Add(now);
        return new Run(this, now);
    }

    /// <summary>Guesses how long it is until a run ends: what a run usually takes, less what the oldest has taken.</summary>
    public TimeSpan UntilOneEnds()
    {
        lock (_lock)
        {
            var taken = _begun.Count > 0 ? time.GetElapsedTime(_begun[0]) : TimeSpan.Zero;
            var left = _usual - taken;
            return left < Shortest ? Shortest : left > Longest ? Longest : left;
        }
    }

    private void End(long begun)
    {
        lock (_lock)
        {
            _begun.Remove(begun);

            // The latest count most.
            _usual = (_usual * 0.7) + (time.GetElapsedTime(begun) * 0.3);
        }
    }

    /// <summary>A run, until it is disposed.</summary>
    internal readonly struct Run(RunPace pace, long begun) : IDisposable
    {
        public void Dispose() => pace.End(begun);
    }
}
