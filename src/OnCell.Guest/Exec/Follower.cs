using System.Diagnostics;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>How far one caller has read the outputs of a command.</summary>
internal sealed class Follower(long stdout, long stderr)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private long _movedAt = Stopwatch.GetTimestamp();

    public long Stdout { get; private set; } = stdout;

    public long Stderr { get; private set; } = stderr;

    /// <summary>Gets whether there was something to read for a while and it was not read.</summary>
    public bool Stalled => Stopwatch.GetElapsedTime(_movedAt) > Patience;

    public long this[OutputStream stream] => stream == OutputStream.Stdout ? Stdout : Stderr;

    public void Advance(OutputStream stream, long count)
    {
        if (count == 0)
            return;
        if (stream == OutputStream.Stdout)
            Stdout += count;
        else
            Stderr += count;
        _movedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>Called before more output comes: a caller that had read everything was not slow, it had nothing to do.</summary>
    public void Expect(long stdoutTotal, long stderrTotal)
    {
        if (Stdout >= stdoutTotal && Stderr >= stderrTotal)
            _movedAt = Stopwatch.GetTimestamp();
    }
}
