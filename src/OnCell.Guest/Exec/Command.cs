using System.Diagnostics;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;

namespace OnCell.Guest.Exec;

/// <summary>Takes a command's output.</summary>
internal interface IOutputSink
{
    /// <summary>Gets whether output would be taken without waiting; while not, the command is not read from.</summary>
    bool Ready { get; }

    void Write(OutputStream stream, ReadOnlySpan<byte> data);
}

/// <summary>One running command: its process group, its output, its time-outs.</summary>
internal sealed unsafe class Command : IDisposable
{
    // How often a sink is asked again that was not ready and did not wake the pump.
    private const int SinkPauseMilliseconds = 250;

    private readonly EventFd _wake = new();
    private readonly CommandStreams _streams;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _timeout;
    private readonly long _silence;
    private readonly int _pid;
    private volatile bool _abandoned;
    private volatile bool _ended;
    private int _status;

    /// <summary>Starts a command.</summary>
    /// <exception cref="StartFailedException">It could not be started.</exception>
    public Command(ExecRequest request, Fd standardInput, ChildEnvironment environment, Reaper reaper)
    {
        _timeout = request.TimeoutMilliseconds;
        _silence = request.NoOutputTimeoutMilliseconds;
        _streams = CommandStreams.Open(request, standardInput);
        try
        {
            var child = environment.Resolve(request, _streams.ForChild());
            _pid = reaper.Spawn(() => Spawner.Spawn(child), OnEnded);
            _streams.ReleaseChildEnds();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CommandStreams Streams => _streams;

    /// <summary>Has the pump look at its sink again.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Kills the command, because nobody is left who could get its result.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _wake.Set();
    }

    public void Signal(int signal)
    {
        if (!_ended)
            _ = Libc.kill(-_pid, signal);
    }

    /// <summary>Moves output until the command has ended and its pipes are drained.</summary>
    /// <remarks>
    /// The end of the process is the end of the command: what it leaves in the background keeps running and loses
    /// its output, as under a shell that hangs up.
    /// </remarks>
    public ExecExit Pump(IOutputSink sink)
    {
        var lastOutput = _started;
        ExitKind? killed = null;
        while (true)
        {
            var ended = _ended;
            var ready = sink.Ready;
            var moved = Move(sink, ready, Wait(ended, ready, killed is not null, lastOutput));
            if (moved || !ready)
                lastOutput = Stopwatch.GetTimestamp();
            if (ended && ready && !moved)
                return Exit(killed);
            if (_abandoned && ended)
                return Exit(killed);
            if (killed is null && !ended && Expired(lastOutput) is { } reason)
            {
                killed = reason;
                Signal(Linux.SignalKill);
            }
        }
    }

    public void Dispose()
    {
        _streams.Dispose();
        _wake.Dispose();
    }

    private void OnEnded(int status)
    {
        _status = status;
        _ended = true;
        _wake.Set();
    }

    /// <summary>Waits for output or a wake-up and moves what is there; tells whether anything was.</summary>
    private bool Move(IOutputSink sink, bool ready, int wait)
    {
        var items = stackalloc PollItem[3];
        items[0] = new PollItem { Fd = _wake.Number, Events = Linux.PollIn };
        for (var i = 0; i < 2; i++)
            items[i + 1] = new PollItem { Fd = ready && _streams.Output(i) is { } output ? output.Number : -1, Events = Linux.PollIn };
        if (Libc.poll(items, 3, wait) <= 0)
            return false;
        if (items[0].Ready)
            _wake.Clear();
        var moved = false;
        for (var i = 0; i < 2; i++)
        {
            if (items[i + 1].Ready)
                moved |= MoveFrom(i, sink);
        }
        return moved;
    }

    private bool MoveFrom(int stream, IOutputSink sink)
    {
        var output = _streams.Output(stream)!;
        var buffer = Buffers.Rent();
        try
        {
            var count = output.TryRead(buffer);
            if (count > 0)
            {
                sink.Write((OutputStream)stream, buffer.AsSpan(0, count));
                return true;
            }
            if (count != -Errno.EAGAIN)
                _streams.CloseOutput(stream);
            return false;
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    /// <summary>How long to wait for output or a wake-up, in milliseconds; -1 for ever.</summary>
    private int Wait(bool ended, bool ready, bool killed, long lastOutput)
    {
        if (!ready)
            return SinkPauseMilliseconds;
        if (ended)
            return 0;
        var rest = long.MaxValue;
        if (_timeout > 0)
            rest = _timeout - Milliseconds(_started);
        if (_silence > 0)
            rest = Math.Min(rest, _silence - Milliseconds(lastOutput));
        return killed || rest == long.MaxValue ? -1 : (int)Math.Clamp(rest, 0, int.MaxValue);
    }

    private ExitKind? Expired(long lastOutput)
    {
        if (_abandoned)
            return ExitKind.Signaled;
        if (_timeout > 0 && Milliseconds(_started) >= _timeout)
            return ExitKind.TimedOut;
        return _silence > 0 && Milliseconds(lastOutput) >= _silence ? ExitKind.NoOutputTimedOut : null;
    }

    private ExecExit Exit(ExitKind? killed)
    {
        var signal = _status & 0x7f;
        var code = signal == 0 ? (_status >> 8) & 0xff : 128 + signal;
        var kind = killed ?? (signal == 0 ? ExitKind.Exited : ExitKind.Signaled);
        return new ExecExit(kind, code, (long)Stopwatch.GetElapsedTime(_started).TotalMicroseconds);
    }

    private static long Milliseconds(long since) => (long)Stopwatch.GetElapsedTime(since).TotalMilliseconds;
}
