using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Control;

/// <summary>Cuts what comes over a socket into frames.</summary>
internal sealed class FrameReader(Fd socket, int maxPayload)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads a frame; its payload is valid until the next call. <see langword="false"/> at the connection's end.</summary>
    public bool TryRead(out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (!Fill(FrameHeader.Size))
            return false;
        header = FrameHeader.Read(_buffer.AsSpan(_start), maxPayload);
        if (!Fill(FrameHeader.Size + header.Length))
            return false;
        payload = _buffer.AsSpan(_start + FrameHeader.Size, header.Length);
        _start += FrameHeader.Size + header.Length;
        return true;
    }

    private bool Fill(int count)
    {
        if (_end - _start >= count)
            return true;
        MakeRoom(count);
        while (_end - _start < count)
        {
            var read = socket.TryRead(_buffer.AsSpan(_end));
            if (read <= 0)
                return false;
            _end += read;
        }
        return true;
    }

    private void MakeRoom(int count)
    {
        var kept = _buffer.AsSpan(_start, _end - _start);
        if (count > _buffer.Length)
        {
            var larger = new byte[Math.Max(count, Math.Min(_buffer.Length * 2, maxPayload + FrameHeader.Size))];
            kept.CopyTo(larger);
            _buffer = larger;
        }
        else if (_start > 0)
        {
            kept.CopyTo(_buffer);
        }
        (_start, _end) = (0, kept.Length);
    }
}
