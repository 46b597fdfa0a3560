using System.Buffers.Binary;

namespace OnCell.Guest.Protocol;

/// <summary>The twelve bytes before each payload, little-endian: length, type, tag, two zero bytes, stream.</summary>
internal readonly record struct FrameHeader(FrameType Type, byte Tag, uint Stream, int Length)
{
    public const int Size = 12;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, Length);
        destination[4] = (byte)Type;
        destination[5] = Tag;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Stream);
    }

    /// <summary>Reads a header and refuses what no honest peer sends.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> source, int maxPayload)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(source);
        if (length < 0 || length > maxPayload)
            throw new ProtocolException($"a frame claims {length} bytes; at most {maxPayload} are allowed");
        if (BinaryPrimitives.ReadUInt16LittleEndian(source[6..]) != 0)
            throw new ProtocolException("a frame's reserved bytes are not zero");
        return new FrameHeader(
            (FrameType)source[4], source[5], BinaryPrimitives.ReadUInt32LittleEndian(source[8..]), length);
    }
}
