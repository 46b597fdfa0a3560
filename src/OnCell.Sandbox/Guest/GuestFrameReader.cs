using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>Cuts what a guest sends into frames.</summary>
/// <remarks>
/// All of it is untrusted. A claimed length is checked before a buffer of at most
/// <see cref="ProtocolConstants.MaxGuestPayload"/> is rented for it, and one frame is read at a time, so an idle
/// connection costs this reader's small buffer and a hostile one no more than one frame beyond its credit.
/// </remarks>
internal sealed class GuestFrameReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads the next frame; <see langword="null"/> where the stream ends between two frames or within one.</summary>
    /// <exception cref="ProtocolException">No guest of ours sends this.</exception>
    public async ValueTask<GuestMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < FrameHeader.Size)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return null;
            _end += count;
        }
        var header = FrameHeader.Read(_buffer.AsSpan(_start), ProtocolConstants.MaxGuestPayload);
        _start += FrameHeader.Size;

        var message = GuestMessage.Rent(header);
        var filled = Math.Min(header.Length, _end - _start);
        _buffer.AsSpan(_start, filled).CopyTo(message.Buffer);
        _start += filled;
        while (filled < header.Length)
        {
            var count = await stream.ReadAsync(message.Buffer.AsMemory(filled, header.Length - filled), cancellationToken)
                .ConfigureAwait(false);
            if (count == 0)
            {
                message.Return();
                return null;
            }
            filled += count;
        }
        return message;
    }
}
