using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>One accepted connection of a guest: frames out under a lock, frames in by one loop.</summary>
internal sealed class GuestConnection : IDisposable
{
    // A guest that sends and never reads would pile up the answers to it.
    private const int MaxPosted = 4096;

    private readonly Socket _socket;
    private readonly GuestFrameReader _reader;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, GuestCall> _calls = [];
    private readonly Dictionary<uint, TaskCompletionSource> _pings = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _lastStream;
    private int _posted;
    private Exception? _broken;
    private Action? _onBroken;

    public GuestConnection(Socket socket)
    {
        _socket = socket;
        _reader = new GuestFrameReader(new NetworkStream(socket, ownsSocket: false));
    }

    /// <summary>Gets a task that ends with the connection.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Reads the guest's hello, the first frame of a connection.</summary>
    /// <exception cref="ProtocolException">It is not a hello.</exception>
    public async Task<HelloMessage> ReadHelloAsync(CancellationToken cancellationToken)
    {
        if (await _reader.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } message)
            throw new ProtocolException("the connection ended before its hello");
        try
        {
            return message.Type == FrameType.Hello
                ? HelloMessage.Read(message.Span)
                : throw new ProtocolException("the first frame is no hello");
        }
        finally
        {
            message.Return();
        }
    }

    /// <summary>Takes frames in until the connection ends; returns why it did.</summary>
    /// <param name="onBroken">Called first of all when it ends, so that callers who then ask for the live connection get another.</param>
    public async Task<Exception> ReadAllAsync(Action onBroken)
    {
        lock (_lock)
            _onBroken = onBroken;
        Exception reason;
        try
        {
            while (await _reader.ReadAsync(CancellationToken.None).ConfigureAwait(false) is { } message)
                Handle(message);
            reason = new GuestConnectionException("the guest closed the connection");
        }
        catch (ProtocolException e)
        {
            reason = new GuestConnectionException($"the guest broke the protocol: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            reason = new GuestConnectionException("the connection to the guest broke", e);
        }
        Break(reason);
        return reason;
    }

    /// <summary>Begins a call.</summary>
    public async Task<GuestCall> OpenAsync(
        Method method, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        GuestCall call;
        lock (_lock)
        {
            if (_broken is not null)
                throw Explain(_broken);
            if (_calls.Count >= ProtocolConstants.MaxCalls)
                throw new SandboxException(
                    $"{ProtocolConstants.MaxCalls} calls to the sandbox are open already; wait for some to end");
            call = new GuestCall(this, ++_lastStream);
            _calls.Add(call.Stream, call);
        }
        try
        {
            await SendAsync(FrameType.Open, (byte)method, call.Stream, request, cancellationToken).ConfigureAwait(false);
            return call;
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        uint number;
        lock (_lock)
        {
            if (_broken is not null)
                throw Explain(_broken);
            number = ++_lastStream;
            _pings.Add(number, answered);
        }
        try
        {
            await SendAsync(FrameType.Ping, 0, number, default, cancellationToken).ConfigureAwait(false);
            await answered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                _pings.Remove(number);
        }
    }

    /// <summary>Sends one frame. Cancelling stops the wait, never the frame: half of one would break the connection.</summary>
    public async Task SendAsync(
        FrameType type, byte tag, uint stream, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var size = FrameHeader.Size + payload.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        new FrameHeader(type, tag, stream, payload.Length).Write(buffer);
        payload.CopyTo(buffer.AsMemory(FrameHeader.Size));
        await SendAndReturnAsync(buffer, size).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a small frame whose failure the reading loop will report.</summary>
    public void Post(FrameType type, byte tag, uint stream, int? value = null)
    {
        var size = FrameHeader.Size + (value is null ? 0 : sizeof(int));
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        new FrameHeader(type, tag, stream, size - FrameHeader.Size).Write(buffer);
        if (value is { } number)
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(FrameHeader.Size), number);
        _ = PostAsync(buffer, size);
    }

    /// <summary>Ends the connection; calls that are open fail for this reason.</summary>
    public void Break(Exception reason)
    {
        GuestCall[] calls;
        TaskCompletionSource[] pings;
        Action? onBroken;
        lock (_lock)
        {
            _broken ??= reason;
            onBroken = _onBroken;
            _onBroken = null;
            calls = [.. _calls.Values];
            pings = [.. _pings.Values];
            _calls.Clear();
            _pings.Clear();
        }
        onBroken?.Invoke();
        _socket.Dispose();
        _ended.TrySetResult();
        foreach (var call in calls)
            call.OnBroken(reason);
        foreach (var ping in pings)
            ping.TrySetException(Explain(reason));
    }

    /// <summary>Ends the connection because of what came over it.</summary>
    public Exception Violation(string what)
    {
        var reason = new GuestConnectionException($"the guest broke the protocol: {what}");
        Break(reason);
        return reason;
    }

    /// <summary>A fresh exception for a caller: one object thrown by many tasks would mix up their stack traces.</summary>
    public Exception Explain(Exception reason) => reason switch
    {
        SandboxLostException => new SandboxLostException(reason.Message, reason),
        GuestConnectionException => new GuestConnectionException(reason.Message, reason),
        ObjectDisposedException => new ObjectDisposedException(nameof(GuestChannel)),
        _ => new SandboxException(reason.Message, reason),
    };

    public void Dispose() => Break(new ObjectDisposedException(nameof(GuestChannel)));

    internal void Forget(GuestCall call)
    {
        lock (_lock)
            _calls.Remove(call.Stream);
    }

    private void Handle(GuestMessage message)
    {
        GuestCall? call;
        TaskCompletionSource? ping = null;
        lock (_lock)
        {
            var stream = message.Header.Stream;
            if (stream == 0 || stream > _lastStream)
                throw new ProtocolException($"a frame came for call {stream}, which was never opened");
            if (message.Type == FrameType.Pong)
                _pings.Remove(stream, out ping);
            _calls.TryGetValue(stream, out call);
        }
        ping?.TrySetResult();
        if (call is not null)
            call.OnMessage(message);
        else
            message.Return(); // A pong, or of a call that has just been cancelled.
    }

    private async Task PostAsync(byte[] buffer, int size)
    {
        if (Interlocked.Increment(ref _posted) > MaxPosted)
            _ = Violation("it does not read");
        try
        {
            await SendAndReturnAsync(buffer, size).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SandboxException or ObjectDisposedException)
        {
            // The reading loop sees the same end and tells every call of it.
        }
        finally
        {
            Interlocked.Decrement(ref _posted);
        }
    }

    private async Task SendAndReturnAsync(byte[] buffer, int size)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            var rest = buffer.AsMemory(0, size);
            while (!rest.IsEmpty)
                rest = rest[await _socket.SendAsync(rest).ConfigureAwait(false)..];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Exception? reason;
            lock (_lock)
                reason = _broken;
            throw Explain(reason ?? new GuestConnectionException("the connection to the guest broke", e));
        }
        finally
        {
            _sending.Release();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
