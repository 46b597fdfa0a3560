using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>The output and the end of one key, running or kept, and its replay to any number of callers.</summary>
/// <remarks>
/// The command never waits for a caller: its output goes to disk. A caller that falls further behind than the ring
/// reaches sees a gap where the kept result has one too.
/// </remarks>
internal sealed class KeyedRun(byte[] fingerprint, OutputLog stdout, OutputLog stderr) : IOutputSink
{
    private const int PieceBytes = 64 * 1024;

    private readonly object _gate = new();
    private readonly OutputLog[] _logs = [stdout, stderr];
    private ExecExit? _exit;
    private Exception? _fault;
    private Command? _command;
    private int _holders = 1;

    public bool Ready => true;

    public long StdoutTotal => stdout.Total;

    public long StderrTotal => stderr.Total;

    public void CheckFingerprint(string key, byte[] other)
    {
        if (!fingerprint.AsSpan().SequenceEqual(other))
            throw new InvalidRequestException(
                $"the key {key} belongs to another command: use a new key for a new command", ErrorCode.KeyConflict);
    }

    public void Write(OutputStream stream, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            _logs[(int)stream].Append(data);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Makes the kept output durable, before its end is noted.</summary>
    public void Sync()
    {
        lock (_gate)
        {
            stdout.Sync();
            stderr.Sync();
        }
    }

    public void Started(Command command)
    {
        lock (_gate)
            _command = command;
    }

    public void Finish(ExecExit exit)
    {
        lock (_gate)
        {
            _exit = exit;
            _command = null;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the run for its callers: it could not be noted, so it was not begun.</summary>
    public void Fault(Exception fault)
    {
        lock (_gate)
        {
            _fault = fault;
            Monitor.PulseAll(_gate);
        }
    }

    public void Signal(int signal)
    {
        lock (_gate)
            _command?.Signal(signal);
    }

    /// <summary>Sends a caller what it has not seen yet, then what comes, then the end.</summary>
    public void ReplayTo(Call call, long stdoutOffset, long stderrOffset)
    {
        call.Observe(Wake, Signal);
        Span<long> offsets = [stdoutOffset, stderrOffset];
        var buffer = new byte[PieceBytes];
        while (NextPiece(call, offsets, buffer, out var piece))
        {
            if (piece.Gap > 0)
            {
                var writer = new WireWriter(16);
                new OutputGap(piece.Stream, piece.Gap).Write(writer);
                call.SendEvent(CallEvent.Gap, writer.Written);
            }
            else
            {
                call.SendData(piece.Stream, buffer.AsSpan(0, piece.Count));
            }
            offsets[(int)piece.Stream] += piece.Gap + piece.Count;
        }
        if (call.Cancelled)
            return;
        var end = new WireWriter();
        _exit!.Write(end);
        call.Complete(end.Written);
    }

    /// <summary>Keeps the output open for one more user.</summary>
    public KeyedRun Hold()
    {
        lock (_gate)
            _holders++;
        return this;
    }

    /// <summary>Lets go; the last one closes the output.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (--_holders > 0)
                return;
            stdout.Dispose();
            stderr.Dispose();
        }
    }

    private bool NextPiece(
        Call call, Span<long> offsets, byte[] buffer, out (OutputStream Stream, int Count, long Gap) piece)
    {
        lock (_gate)
        {
            while (true)
            {
                piece = default;
                if (call.Cancelled)
                    return false;
                for (var i = 0; i < 2; i++)
                {
                    var (count, gap) = _logs[i].Read(offsets[i], buffer);
                    piece = ((OutputStream)i, count, gap);
                    if (count > 0 || gap > 0)
                        return true;
                }
                if (_fault is not null)
                    throw _fault;
                if (_exit is not null)
                    return false;
                Monitor.Wait(_gate);
            }
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}
