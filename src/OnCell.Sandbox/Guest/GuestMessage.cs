using System.Buffers;
using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>A frame from the guest, in a rented buffer that whoever reads it gives back.</summary>
internal readonly record struct GuestMessage(FrameHeader Header, byte[] Buffer)
{
    public FrameType Type => Header.Type;

    public byte Tag => Header.Tag;

    public int Length => Header.Length;

    public ReadOnlyMemory<byte> Memory => Buffer.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => Buffer.AsSpan(0, Length);

    /// <summary>Gets whether the call is over with this frame.</summary>
    public bool IsLast => Type is FrameType.Result or FrameType.Error;

    public static GuestMessage Rent(FrameHeader header) => new(header, ArrayPool<byte>.Shared.Rent(header.Length));

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}
