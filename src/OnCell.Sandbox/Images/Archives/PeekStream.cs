namespace OnCell.Sandboxes.Images.Archives;

/// <summary>A stream of which the first four bytes were looked at.</summary>
internal sealed class PeekStream : ForwardStream
{
    private readonly Stream _inner;
    private readonly byte[] _head = new byte[4];
    private readonly int _count;
    private int _given;

    internal PeekStream(Stream inner)
    {
        _inner = inner;
        _count = inner.ReadAtLeast(_head, _head.Length, throwOnEndOfStream: false);
    }

    /// <summary>Gets the first four bytes, little-endian; zeros where there are fewer.</summary>
    internal uint Magic => BitConverter.ToUInt32(_head);

    public override int Read(Span<byte> buffer)
    {
        if (_given == _count)
            return _inner.Read(buffer);
        var count = Math.Min(buffer.Length, _count - _given);
        _head.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}
