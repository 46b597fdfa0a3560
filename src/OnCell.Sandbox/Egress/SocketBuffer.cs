using System.Buffers;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>What was received from a socket and not used yet, in one pooled buffer of bounded size.</summary>
internal sealed class SocketBuffer(Socket socket, int maxBytes) : IDisposable
{
    private const int InitialBytes = 32 * 1024;

    private byte[] _array = [];
    private int _start;
    private int _end;

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(_start, _end - _start);

    public ReadOnlySpan<byte> Span => _array.AsSpan(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _end - _start);
        _start += count;
    }

    /// <summary>Receives more.</summary>
    /// <returns><see langword="false"/> at the end of the stream.</returns>
    /// <exception cref="ProtocolException">The buffer is full.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (IsEmpty)
            _start = _end = 0;
        if (IsEmpty && socket.Available == 0)
        {
            // An idle connection holds no memory: wait for bytes first, rent after.
            Release();
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }

        MakeRoom();
        var received = await socket.ReceiveAsync(_array.AsMemory(_end), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        _end += received;
        return received > 0;
    }

    /// <summary>Gives the buffer back to the pool; what was in it is lost.</summary>
    public void Release()
    {
        if (_array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        _start = _end = 0;
    }

    public void Dispose() => Release();

    private void MakeRoom()
    {
        if (_end < _array.Length)
            return;
        var length = _end - _start;
        if (length >= maxBytes)
            throw new ProtocolException("more header bytes than the limit", status: 431);
        if (_start > 0 && length <= _array.Length / 2)
        {
            Span.CopyTo(_array);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(InitialBytes, _array.Length * 2), Math.Max(InitialBytes, maxBytes)));
            Span.CopyTo(larger);
            if (_array.Length > 0)
                ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        (_start, _end) = (0, length);
    }
}
