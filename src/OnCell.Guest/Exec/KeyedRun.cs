using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;

namespace OnCell.Guest.Exec;

/// <summary>The output and the end of one key, running or kept, and its replay to any number of callers.</summary>
/// <remarks>
/// Output goes to disk, and each caller reads it from there at its own pace. The command waits for a caller that is
/// about to lose something only as long as that one makes progress; a caller that hangs gets a gap instead.
/// </remarks>
internal sealed class KeyedRun(byte[] fingerprint, OutputLog stdout, OutputLog stderr) : IOutputSink
{
    private readonly object _gate = new();
    private readonly OutputLog[] _logs = [stdout, stderr];
    private readonly List<Follower> _followers = [];
    private ExecExit? _exit;
    private Exception? _fault;
    private Command? _command;
    private int _holders = 1;

    public bool Ready
    {
        get
        {
            lock (_gate)
            {
                foreach (var follower in _followers)
                {
                    if (!follower.Stalled && (stdout.WouldOverrun(follower.Stdout) || stderr.WouldOverrun(follower.Stderr)))
                        return false;
                }
                return true;
            }
        }
    }

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
            foreach (var follower in _followers)
                follower.Expect(stdout.Total, stderr.Total);
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
        var follower = new Follower(stdoutOffset, stderrOffset);
        lock (_gate)
            _followers.Add(follower);
        try
        {
            while (WaitForPiece(call, follower))
                SendPiece(call, follower);
        }
        finally
        {
            lock (_gate)
            {
                _followers.Remove(follower);
                _command?.Wake();
            }
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

    /// <summary>Waits for output that the caller has not seen; <see langword="false"/> when there will be none.</summary>
    private bool WaitForPiece(Call call, Follower follower)
    {
        lock (_gate)
        {
            while (true)
            {
                if (call.Cancelled)
                    return false;
                if (stdout.Total > follower.Stdout || stderr.Total > follower.Stderr)
                    return true;
                if (_fault is not null)
                    throw _fault;
                if (_exit is not null)
                    return false;
                Monitor.Wait(_gate);
            }
        }
    }

    private void SendPiece(Call call, Follower follower)
    {
        var buffer = Buffers.Rent();
        try
        {
            for (var stream = OutputStream.Stdout; stream <= OutputStream.Stderr; stream++)
            {
                int count;
                long gap;
                lock (_gate)
                {
                    (count, gap) = _logs[(int)stream].Read(follower[stream], buffer);
                    follower.Advance(stream, count + gap);
                    _command?.Wake();
                }
                if (count > 0)
                    call.SendData(stream, buffer.AsSpan(0, count));
                else if (gap > 0)
                    SendGap(call, new OutputGap(stream, gap));
            }
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private static void SendGap(Call call, OutputGap gap)
    {
        var writer = new WireWriter(16);
        gap.Write(writer);
        call.SendEvent(CallEvent.Gap, writer.Written);
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}
