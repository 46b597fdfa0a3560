using System.Buffers.Binary;
using System.Threading.Channels;
using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>One call to the guest. Disposing it before its end cancels it there.</summary>
internal sealed class GuestCall(GuestConnection connection, uint stream) : IAsyncDisposable
{
    private const int MaxErrorLength = 4096;
    private const int SendBytes = 128 * 1024;

    private readonly Channel<GuestMessage> _messages = Channel.CreateUnbounded<GuestMessage>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Lock _lock = new();
    private int _unread;
    private int _owed;
    private int _sendCredit = ProtocolConstants.Window;
    private TaskCompletionSource? _creditArrived;
    private bool _over;

    public uint Stream { get; } = stream;

    /// <summary>Gets whether the guest has answered, or the call was ended: what is sent now goes nowhere.</summary>
    public bool Over => Volatile.Read(ref _over);

    /// <summary>Waits for the next frame of the answer.</summary>
    /// <exception cref="GuestConnectionException">The connection ended.</exception>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public async ValueTask<GuestMessage> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _messages.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e) when (e.InnerException is ObjectDisposedException)
        {
            throw new ObjectDisposedException("The call to the guest was ended while its answer was awaited.", e);
        }
        catch (ChannelClosedException e) when (e.InnerException is { } reason)
        {
            throw connection.Explain(reason);
        }
    }

    /// <summary>Gives a frame back once it has been dealt with, and with it credit for another.</summary>
    public void Done(GuestMessage message)
    {
        int grant;
        lock (_lock)
        {
            var cost = ProtocolConstants.Cost(message.Length);
            _unread -= cost;
            _owed += cost;
            if (_owed < ProtocolConstants.Window / 4 || _over)
            {
                grant = 0;
            }
            else
            {
                grant = _owed;
                _owed = 0;
            }
        }
        message.Return();
        if (grant > 0)
            connection.Post(FrameType.Credit, 0, Stream, grant);
    }

    /// <summary>Reads the answer of a call that answers once.</summary>
    /// <exception cref="GuestErrorException">The guest refused.</exception>
    public async Task<byte[]> ResultAsync(CancellationToken cancellationToken)
    {
        var message = await ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return message.Type == FrameType.Result ? message.Span.ToArray() : throw Unexpected(message);
        }
        finally
        {
            Done(message);
        }
    }

    /// <summary>The error that a frame carries, or the complaint that it came at all.</summary>
    public Exception Unexpected(GuestMessage message)
    {
        if (message.Type != FrameType.Error)
            return connection.Violation($"a frame {message.Type} came where none is expected");
        try
        {
            var text = new WireReader(message.Span).String();
            return new GuestErrorException(
                (ErrorCode)message.Tag, text.Length <= MaxErrorLength ? text : text[..MaxErrorLength]);
        }
        catch (ProtocolException e)
        {
            return connection.Violation(e.Message);
        }
    }

    /// <summary>Sends data as fast as the guest takes it; stops early when the guest has answered already.</summary>
    public async Task SendDataAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(SendBytes, data.Length)];
            if (!await TakeCreditAsync(ProtocolConstants.Cost(piece.Length), cancellationToken).ConfigureAwait(false))
                return;
            await connection.SendAsync(FrameType.Data, 0, Stream, piece, cancellationToken).ConfigureAwait(false);
            data = data[piece.Length..];
        }
    }

    public Task EndDataAsync(CancellationToken cancellationToken) =>
        connection.SendAsync(FrameType.EndOfData, 0, Stream, default, cancellationToken);

    public Task ResizeAsync(ushort rows, ushort columns, CancellationToken cancellationToken)
    {
        var size = new WireWriter(4);
        size.UInt16(rows);
        size.UInt16(columns);
        return connection.SendAsync(FrameType.Resize, 0, Stream, size.WrittenMemory, cancellationToken);
    }

    /// <summary>Waits for the guest to have done what the call begins with.</summary>
    public async Task OpenedAsync(CancellationToken cancellationToken)
    {
        var message = await ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (message is not { Type: FrameType.Event, Tag: (byte)CallEvent.Opened })
                throw Unexpected(message);
        }
        finally
        {
            Done(message);
        }
    }

    public Task SignalAsync(int signal, CancellationToken cancellationToken) =>
        connection.SendAsync(FrameType.Signal, (byte)signal, Stream, default, cancellationToken);

    public ValueTask DisposeAsync()
    {
        Cancel();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the call here, and there if it is not over.</summary>
    public void Cancel()
    {
        bool over;
        lock (_lock)
        {
            over = _over;
            _over = true;
        }
        connection.Forget(this);
        if (over)
            return;
        connection.Post(FrameType.Cancel, 0, Stream);

        // Who awaits the answer, or credit to send more, waits for nothing from now on.
        _messages.Writer.TryComplete(new ObjectDisposedException(nameof(GuestCall)));
        WakeSender();
    }

    /// <summary>Takes a frame from the connection's reader, and its buffer with it.</summary>
    internal void OnMessage(GuestMessage message)
    {
        if (message.Type == FrameType.Credit)
        {
            var credit = message.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(message.Span) : 0;
            message.Return();
            OnCredit(credit);
            return;
        }
        if (message.Type is not (FrameType.Data or FrameType.Event or FrameType.Result or FrameType.Error))
            throw new ProtocolException($"a frame of type {(byte)message.Type} came from the guest");

        lock (_lock)
        {
            _unread += ProtocolConstants.Cost(message.Length);
            // The sender may overshoot by the frame that uses up its credit, and the answer itself needs none.
            if (!message.IsLast && _unread > ProtocolConstants.Window + ProtocolConstants.MaxData)
                throw new ProtocolException("the guest sent more than it has credit for");
            _over |= message.IsLast;
        }
        _messages.Writer.TryWrite(message);
        if (!message.IsLast)
            return;
        connection.Forget(this);
        _messages.Writer.TryComplete();
        WakeSender();
    }

    internal void OnBroken(Exception reason)
    {
        lock (_lock)
            _over = true;
        _messages.Writer.TryComplete(reason);
        WakeSender();
    }

    private void OnCredit(int credit)
    {
        lock (_lock)
        {
            if (credit <= 0 || credit > 2 * ProtocolConstants.Window - _sendCredit)
                throw new ProtocolException($"the guest gave {credit} bytes of credit");
            _sendCredit += credit;
        }
        WakeSender();
    }

    private void WakeSender()
    {
        TaskCompletionSource? arrived;
        lock (_lock)
            arrived = Interlocked.Exchange(ref _creditArrived, null);
        arrived?.TrySetResult();
    }

    private async ValueTask<bool> TakeCreditAsync(int cost, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task arrived;
            lock (_lock)
            {
                if (_over)
                    return false;
                if (_sendCredit > 0)
                {
                    _sendCredit -= cost;
                    return true;
                }
                _creditArrived ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrived = _creditArrived.Task;
            }
            await arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
