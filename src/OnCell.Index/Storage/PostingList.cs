namespace OnCell.Indexing.Storage;

/// <summary>The chunks that have a term, with how often: rising chunk ids as differences, as variable-length numbers.</summary>
/// <remarks>The lowest bit of each difference says that the count is one and left out, as most are.</remarks>
internal sealed class PostingList
{
    private byte[] _data = new byte[16];
    private int _length;
    private long _last;

    public ReadOnlySpan<byte> Data => _data.AsSpan(0, _length);

    /// <summary>Appends a chunk; ids must rise.</summary>
    public void Append(long chunk, int count)
    {
        if (_data.Length - _length < 16) Array.Resize(ref _data, _data.Length * 2);
        Write((ulong)(chunk - _last) << 1 | (count == 1 ? 1UL : 0UL));
        if (count != 1) Write((ulong)count);
        _last = chunk;
    }

    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _data[_length++] = (byte)(value | 0x80);
        _data[_length++] = (byte)value;
    }
}

/// <summary>Reads a <see cref="PostingList"/>.</summary>
internal ref struct PostingCursor(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    /// <summary>Gets the chunk the cursor stands on.</summary>
    public long Chunk { get; private set; }

    /// <summary>Gets how often it has the term.</summary>
    public int Count { get; private set; }

    public bool MoveNext()
    {
        if (_position >= _data.Length) return false;
        var value = Read();
        Chunk += (long)(value >> 1);
        Count = (value & 1) != 0 ? 1 : (int)Read();
        return true;
    }

    private ulong Read()
    {
        ulong value = _data[_position++];
        if (value < 0x80) return value; // most are
        value &= 0x7F;
        for (var shift = 7; ; shift += 7)
        {
            var b = _data[_position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }
}
