using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;

namespace OnCell.Guest.Exec;

/// <summary>Answers the calls about commands.</summary>
internal sealed class ExecService(ExecRecords records, Reaper reaper, WorkerPool pool)
{
    private const int ListPieceBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KeyedRun> _runs = [];
    private readonly ChildEnvironment _environment = new();
    private readonly Fd _null = FileSystem.Open("/dev/null", Linux.OpenRead);
    private volatile bool _stopping;
    private volatile int _unkeyed;

    /// <summary>From now on the end of a command is the guest's doing and is not noted: the command was interrupted.</summary>
    public void Stop() => _stopping = true;

    public void Exec(Call call)
    {
        var request = ExecRequest.Read(call.Request);
        using var input = StandardInput.Receive(call, request.StandardInputLength);
        if (request.Key.Length == 0)
            RunUnkeyed(call, request, input ?? _null);
        else
            RunKeyed(call, request, input);
    }

    public void Find(Call call)
    {
        var key = ReadKey(call);
        call.Complete([(byte)StateOf(key)]);
    }

    /// <summary>Sends each key with its state.</summary>
    public void List(Call call)
    {
        var writer = new WireWriter();
        foreach (var key in Keys())
        {
            var state = StateOf(key);
            if (state == KeyState.Unknown)
                continue; // forgotten meanwhile
            writer.String(key);
            writer.Byte((byte)state);
            if (writer.Length < ListPieceBytes)
                continue;
            if (!call.SendData(OutputStream.Stdout, writer.Written))
                return;
            writer.Clear();
        }
        if (writer.Length > 0)
            call.SendData(OutputStream.Stdout, writer.Written);
        call.Complete([]);
    }

    public void Forget(Call call)
    {
        var key = ReadKey(call);
        lock (_lock)
        {
            if (_runs.ContainsKey(key))
                throw new InvalidRequestException($"the command {key} still runs", ErrorCode.Busy);
            records.Remove(key);
        }
        call.Complete([]);
    }

    // A command that was just accepted runs before its record is on disk.
    private HashSet<string> Keys()
    {
        lock (_lock)
            return [.. _runs.Keys, .. records.Keys()];
    }

    private KeyState StateOf(string key)
    {
        lock (_lock)
        {
            return _runs.ContainsKey(key) ? KeyState.Running
                : records.Find(key) is not { } record ? KeyState.Unknown
                : record.End is null ? KeyState.Interrupted : KeyState.Finished;
        }
    }

    private static string ReadKey(Call call)
    {
        var reader = new WireReader(call.Request);
        var key = reader.String();
        ExecKey.Check(key);
        return key;
    }

    private static void ReportStarted(Call call, bool reattached)
    {
        var writer = new WireWriter(8);
        new ExecStarted(reattached).Write(writer);
        call.SendEvent(CallEvent.ExecStarted, writer.Written);
    }

    /// <summary>Gets how many commands run that end with their caller's connection.</summary>
    public int UnkeyedRunning => _unkeyed;

    private void RunUnkeyed(Call call, ExecRequest request, Fd input)
    {
        var writer = new WireWriter();
        Interlocked.Increment(ref _unkeyed);
        try
        {
            RunForCaller(call, request, input).Write(writer);
        }
        finally
        {
            Interlocked.Decrement(ref _unkeyed); // before the caller hears of the end, who may ask for a checkpoint next
        }
        call.Complete(writer.Written);
    }

    private ExecExit RunForCaller(Call call, ExecRequest request, Fd input)
    {
        try
        {
            using var command = new Command(request, input, _environment, reaper);
            ReportStarted(call, reattached: false);
            call.Observe(() => OnChanged(call, command), command.Signal, command.Streams.Resize);
            if (command.Streams.TakeInput() is { } typing)
                StartInput(call, command, typing);
            OnChanged(call, command); // The caller may have gone before it was observed.
            return command.Pump(new CallSink(call));
        }
        catch (StartFailedException e)
        {
            ReportStarted(call, reattached: false);
            return ExecExit.FailedToStart(e.Message);
        }
    }

    private void StartInput(Call call, Command command, Fd typing)
    {
        var isTerminal = command.Streams.IsTerminal;
        if (pool.TryRun(() => InputPump.Run(call, typing, isTerminal)))
            return;
        typing.Dispose();
        command.Abandon();
    }

    private static void OnChanged(Call call, Command command)
    {
        if (call.Cancelled)
            command.Abandon();
        else
            command.Wake();
    }

    private void RunKeyed(Call call, ExecRequest request, Fd? input)
    {
        ExecKey.Check(request.Key);
        if (request.InteractiveInput || request.TerminalRows > 0)
            throw new InvalidRequestException("a command with a key has neither a terminal nor typed input");
        KeyedRun run;
        var reattached = true;
        lock (_lock)
        {
            if (_runs.TryGetValue(request.Key, out var running))
            {
                run = running.Hold();
            }
            else if (records.Find(request.Key) is { } record)
            {
                run = OpenKept(request.Key, record);
            }
            else
            {
                run = Begin(request, input).Hold();
                reattached = false;
            }
        }
        try
        {
            // A caller that only attaches may know no more of a command than its key.
            if (!request.AttachOnly || request.Fingerprint.Length > 0)
                run.CheckFingerprint(request.Key, request.Fingerprint);
            ReportStarted(call, reattached);
            run.ReplayTo(call, request.StdoutOffset, request.StderrOffset);
        }
        finally
        {
            run.Release();
        }
    }

    private KeyedRun OpenKept(string key, ExecRecord record)
    {
        var run = new KeyedRun(
            record.Fingerprint,
            records.OpenOutput(key, OutputStream.Stdout, record),
            records.OpenOutput(key, OutputStream.Stderr, record));
        run.Finish(record.End?.Exit ?? ExecExit.Interrupted);
        return run;
    }

    private KeyedRun Begin(ExecRequest request, Fd? input)
    {
        if (request.AttachOnly)
            throw new InvalidRequestException($"the command {request.Key} is not known here", ErrorCode.UnknownKey);
        if (_stopping)
            throw new InvalidRequestException("the sandbox is being stopped", ErrorCode.Busy);
        var run = new KeyedRun(
            request.Fingerprint,
            records.CreateOutput(request.Key, OutputStream.Stdout, request.MaxOutputBytes),
            records.CreateOutput(request.Key, OutputStream.Stderr, request.MaxOutputBytes));
        var ownInput = input?.Duplicate();
        if (!pool.TryRun(() => RunToEnd(request, ownInput, run)))
        {
            ownInput?.Dispose();
            throw new InvalidRequestException("too many commands run at once", ErrorCode.Busy);
        }
        _runs.Add(request.Key, run);
        return run;
    }

    private void RunToEnd(ExecRequest request, Fd? input, KeyedRun run)
    {
        using var ownInput = input;
        try
        {
            records.Begin(request);
        }
        catch (Exception e)
        {
            Remove(request.Key, run);
            run.Fault(e);
            return;
        }

        var exit = Run(request, input ?? _null, run);
        if (_stopping)
            return; // The guest ends; the record stays without an end.
        try
        {
            run.Sync();
            records.End(request.Key, new ExecEnd(exit, run.StdoutTotal, run.StderrTotal));
            Remove(request.Key, run);
        }
        catch (ErrnoException e)
        {
            // The disk is full or broken. This guest keeps the result while it lives; the next will say "interrupted".
            Log.Error($"the end of {request.Key} is not kept", e);
        }
        run.Finish(exit);
    }

    private void Remove(string key, KeyedRun run)
    {
        lock (_lock)
            _runs.Remove(key);
        run.Release();
    }

    private ExecExit Run(ExecRequest request, Fd input, KeyedRun run)
    {
        try
        {
            using var command = new Command(request, input, _environment, reaper);
            run.Started(command);
            return command.Pump(run);
        }
        catch (Exception e) when (e is StartFailedException or ErrnoException)
        {
            return ExecExit.FailedToStart(e.Message);
        }
    }

    /// <summary>Output of a command without a key goes straight to its caller, as fast as the caller takes it.</summary>
    private sealed class CallSink(Call call) : IOutputSink
    {
        public bool Ready => call.Credit > 0 || call.Cancelled;

        public void Write(OutputStream stream, ReadOnlySpan<byte> data) => call.SendData(stream, data);
    }
}
