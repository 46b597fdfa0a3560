using System.Buffers.Binary;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Control;

/// <summary>One connection to the host: frames in on one thread, frames out from any.</summary>
internal sealed class Connection(Fd socket) : IDisposable
{
    private readonly Lock _sending = new();
    private readonly Lock _callsLock = new();
    private readonly Dictionary<uint, Call> _calls = [];
    private FrameReader? _reader;
    private bool _broken;

    private FrameReader Reader => _reader ??= new FrameReader(socket, ProtocolConstants.MaxHostPayload);

    /// <summary>Says hello. Where that fails, no welcome follows.</summary>
    public void Greet(HelloMessage hello)
    {
        var writer = new WireWriter();
        hello.Write(writer);
        TrySend(FrameType.Hello, 0, 0, writer.Written);
    }

    /// <summary>Waits for the host's answer to hello and returns whether it takes this guest.</summary>
    public bool WaitWelcome()
    {
        if (!Reader.TryRead(out var header, out var payload))
            return false;
        if (header.Type == FrameType.Welcome)
            return true;
        if (header.Type == FrameType.Refused)
            Log.Line("the host refused this guest: " + new WireReader(payload).String());
        return false;
    }

    /// <summary>Serves the host's calls until the connection ends; then cancels those still open.</summary>
    public void Serve(Action<Call> dispatch)
    {
        try
        {
            while (Reader.TryRead(out var header, out var payload))
                Handle(header, payload, dispatch);
        }
        finally
        {
            Break();
            Call[] open;
            lock (_callsLock)
            {
                open = [.. _calls.Values];
                _calls.Clear();
            }
            foreach (var call in open)
                call.OnCancel();
        }
    }

    /// <summary>Sends a frame; <see langword="false"/> when the host is gone, or has not read for <see cref="ControlLink.SendTimeoutSeconds"/>.</summary>
    public bool TrySend(FrameType type, byte tag, uint stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[FrameHeader.Size];
        new FrameHeader(type, tag, stream, payload.Length).Write(header);
        lock (_sending)
        {
            if (_broken)
                return false;
            try
            {
                socket.Write(header, payload);
                return true;
            }
            catch (ErrnoException)
            {
                // Half a frame may be out: this connection cannot be used again. The reader sees its end and re-dials.
                _broken = true;
                _ = Libc.shutdown(socket.Number, Linux.ShutdownBoth);
                return false;
            }
        }
    }

    public void SendCredit(uint stream, int credit)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, credit);
        TrySend(FrameType.Credit, 0, stream, payload);
    }

    public void Finish(Call call, uint stream, FrameType type, byte tag, ReadOnlySpan<byte> payload)
    {
        lock (_callsLock)
        {
            if (!_calls.Remove(stream))
                return;
        }
        call.OnFinished();
        if (!call.Cancelled)
            TrySend(type, tag, stream, payload);
    }

    /// <summary>Ends the connection from this side.</summary>
    public void Close()
    {
        Break();
        _ = Libc.shutdown(socket.Number, Linux.ShutdownBoth);
    }

    private void Handle(FrameHeader header, ReadOnlySpan<byte> payload, Action<Call> dispatch)
    {
        switch (header.Type)
        {
            case FrameType.Ping:
                TrySend(FrameType.Pong, 0, header.Stream, payload);
                return;
            case FrameType.Open:
                Open(header, payload, dispatch);
                return;
        }

        Call? call;
        lock (_callsLock)
            _calls.TryGetValue(header.Stream, out call);
        if (call is null)
            return; // The call ended while the frame was on its way.
        switch (header.Type)
        {
            case FrameType.Data:
                call.OnData(payload);
                break;
            case FrameType.EndOfData:
                call.OnEndOfData();
                break;
            case FrameType.Credit:
                call.OnCredit(BinaryPrimitives.ReadInt32LittleEndian(payload));
                break;
            case FrameType.Signal:
                call.OnSignal(header.Tag);
                break;
            case FrameType.Resize:
                var size = new WireReader(payload);
                call.OnResize(size.UInt16(), size.UInt16());
                break;
            case FrameType.Cancel:
                lock (_callsLock)
                    _calls.Remove(header.Stream);
                call.OnCancel();
                break;
            default:
                throw new ProtocolException($"a frame of type {header.Type} came from the host");
        }
    }

    private void Open(FrameHeader header, ReadOnlySpan<byte> payload, Action<Call> dispatch)
    {
        var call = new Call(this, header.Stream, (Method)header.Tag, payload.ToArray());
        lock (_callsLock)
            _calls.Add(header.Stream, call);
        dispatch(call);
    }

    public void Dispose() => socket.Dispose();

    private void Break()
    {
        lock (_sending)
            _broken = true;
    }
}
