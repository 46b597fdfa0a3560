using System.Buffers.Binary;
using System.Text;

namespace OnCell.Guest.Protocol;

/// <summary>Reads what <see cref="WireWriter"/> wrote. A length is checked against the bytes that are there before anything is allocated.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new ProtocolException($"{other} is not a truth value"),
    };

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> Bytes() => Take(Int32());

    public string String() => Encoding.UTF8.GetString(Bytes());

    /// <summary>Reads the number of items that follow, each of at least <paramref name="minimumSize"/> bytes.</summary>
    public int Count(int minimumSize)
    {
        var count = Int32();
        if (count < 0 || count > _rest.Length / minimumSize)
            throw new ProtocolException($"a list claims {count} items in {_rest.Length} bytes");
        return count;
    }

    /// <summary>Ends the reading; bytes left over mean that both sides disagree on the message.</summary>
    public readonly void End()
    {
        if (!AtEnd)
            throw new ProtocolException($"a message is {_rest.Length} bytes too long");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
            throw new ProtocolException($"a message is cut short: {count} bytes wanted, {_rest.Length} left");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
