using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Control;

/// <summary>One call of the host, answered by one thread.</summary>
/// <remarks>
/// Sends block until the host has given credit for them. A host that goes away cancels the call: then sends do
/// nothing, and the handler is expected to look at <see cref="Cancelled"/> and end.
/// </remarks>
internal sealed class Call(Connection connection, uint stream, Method method, byte[] request)
{
    private readonly object _gate = new();
    private readonly Queue<ReceivedData> _received = new();
    private int _credit = ProtocolConstants.Window;
    private int _owed;
    private bool _inputEnded;
    private bool _cancelled;
    private Action? _changed;
    private Action<int>? _signalled;
    private Action<int, int>? _resized;
    private bool _over;

    public Method Method { get; } = method;

    public ReadOnlySpan<byte> Request => request;

    public bool Cancelled
    {
        get
        {
            lock (_gate)
                return _cancelled;
        }
    }

    /// <summary>Gets whether the call has been answered or cancelled.</summary>
    public bool Over
    {
        get
        {
            lock (_gate)
                return _over || _cancelled;
        }
    }

    /// <summary>How much may be sent now without waiting.</summary>
    public int Credit
    {
        get
        {
            lock (_gate)
                return _credit;
        }
    }

    /// <summary>Has the handler told of signals, and of new credit and cancellation, on the connection's thread.</summary>
    public void Observe(Action changed, Action<int>? signalled = null, Action<int, int>? resized = null)
    {
        lock (_gate)
        {
            _changed = changed;
            _signalled = signalled;
            _resized = resized;
        }
    }

    /// <summary>Sends a piece of output, waiting for credit; <see langword="false"/> once the call is cancelled.</summary>
    public bool SendData(OutputStream tag, ReadOnlySpan<byte> data) => SendOnCredit(FrameType.Data, (byte)tag, data);

    public bool SendEvent(CallEvent tag, ReadOnlySpan<byte> payload) => SendOnCredit(FrameType.Event, (byte)tag, payload);

    /// <summary>Ends the call with its answer.</summary>
    public void Complete(ReadOnlySpan<byte> result) => connection.Finish(this, stream, FrameType.Result, 0, result);

    /// <summary>Ends the call with its answer, and the connection with it.</summary>
    public void CompleteAndClose()
    {
        Complete([]);
        connection.Close();
    }

    /// <summary>Ends the call with an error.</summary>
    public void Fail(ErrorCode code, string message)
    {
        var writer = new WireWriter();
        writer.String(message.Length <= 4096 ? message : message[..4096]);
        connection.Finish(this, stream, FrameType.Error, (byte)code, writer.Written);
    }

    /// <summary>Waits for the next piece of the host's data, which the caller disposes; <see langword="null"/> at its end.</summary>
    public ReceivedData? ReadData()
    {
        ReceivedData? data;
        int grant;
        lock (_gate)
        {
            while (_received.Count == 0 && !_inputEnded && !_cancelled && !_over)
                Monitor.Wait(_gate);
            if (_cancelled || _over)
                throw new InvalidRequestException("the call is over");
            if (!_received.TryDequeue(out data))
                return null;
            _owed += ProtocolConstants.Cost(data.Length);
            grant = _owed >= ProtocolConstants.Window / 4 ? _owed : 0;
            _owed -= grant;
        }
        if (grant > 0)
            connection.SendCredit(stream, grant);
        return data;
    }

    internal void OnData(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_cancelled || _over)
                return;
            _received.Enqueue(ReceivedData.Copy(payload));
            Monitor.PulseAll(_gate);
        }
    }

    internal void OnEndOfData()
    {
        lock (_gate)
        {
            _inputEnded = true;
            Monitor.PulseAll(_gate);
        }
    }

    internal void OnCredit(int credit)
    {
        Action? changed;
        lock (_gate)
        {
            _credit += credit;
            Monitor.PulseAll(_gate);
            changed = _changed;
        }
        // Outside the lock: the handler takes its own, under which it asks this call for its state.
        changed?.Invoke();
    }

    internal void OnCancel()
    {
        Action? changed;
        lock (_gate)
        {
            _cancelled = true;
            DropReceived();
            Monitor.PulseAll(_gate);
            changed = _changed;
        }
        changed?.Invoke();
    }

    internal void OnSignal(int signal)
    {
        Action<int>? signalled;
        lock (_gate)
            signalled = _signalled;
        signalled?.Invoke(signal);
    }

    internal void OnResize(int rows, int columns)
    {
        Action<int, int>? resized;
        lock (_gate)
            resized = _resized;
        resized?.Invoke(rows, columns);
    }

    /// <summary>The answer is on its way: whoever still waits for the host's data stops.</summary>
    internal void OnFinished()
    {
        lock (_gate)
        {
            _over = true;
            DropReceived();
            Monitor.PulseAll(_gate);
        }
    }

    private void DropReceived()
    {
        while (_received.TryDequeue(out var data))
            data.Dispose();
    }

    private bool SendOnCredit(FrameType type, byte tag, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            while (_credit <= 0 && !_cancelled)
                Monitor.Wait(_gate);
            if (_cancelled)
                return false;
            _credit -= ProtocolConstants.Cost(payload.Length);
        }
        return connection.TrySend(type, tag, stream, payload);
    }
}
