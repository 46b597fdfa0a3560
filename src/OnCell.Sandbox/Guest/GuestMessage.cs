using System.Buffers;
using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>A frame of a call, in a rented buffer that whoever reads it gives back.</summary>
internal readonly record struct GuestMessage(FrameType Type, byte Tag, byte[] Buffer, int Length)
{
    public ReadOnlyMemory<byte> Memory => Buffer.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => Buffer.AsSpan(0, Length);

    /// <summary>Gets whether the call is over with this frame.</summary>
    public bool IsLast => Type is FrameType.Result or FrameType.Error;

    public static GuestMessage Copy(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(buffer);
        return new GuestMessage(header.Type, header.Tag, buffer, payload.Length);
    }

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}
