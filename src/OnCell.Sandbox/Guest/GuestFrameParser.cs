using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>Cuts what a guest sends into frames, in one buffer of a fixed size.</summary>
/// <remarks>All of it is untrusted: a claimed length is checked before it is believed, and nothing is allocated by it.</remarks>
internal sealed class GuestFrameParser
{
    // Room for a largest frame and as much again, so that a receive seldom has to stop at a frame's end.
    private readonly byte[] _buffer = new byte[2 * (FrameHeader.Size + ProtocolConstants.MaxGuestPayload)];
    private int _start;
    private int _end;

    /// <summary>Gets where the next bytes go; never empty after <see cref="TryParse"/> has returned <see langword="false"/>.</summary>
    public Memory<byte> Free => _buffer.AsMemory(_end);

    public void Received(int count) => _end += count;

    /// <summary>Takes the next whole frame; its payload is valid until more is received.</summary>
    /// <exception cref="ProtocolException">No guest of ours sends this.</exception>
    public bool TryParse(out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        var available = _end - _start;
        if (available >= FrameHeader.Size)
        {
            header = FrameHeader.Read(_buffer.AsSpan(_start), ProtocolConstants.MaxGuestPayload);
            var size = FrameHeader.Size + header.Length;
            if (available >= size)
            {
                payload = _buffer.AsSpan(_start + FrameHeader.Size, header.Length);
                _start += size;
                return true;
            }
        }
        _buffer.AsSpan(_start, available).CopyTo(_buffer);
        (_start, _end) = (0, available);
        return false;
    }
}
