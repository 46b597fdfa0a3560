namespace OnCell.Sandboxes;

/// <summary>Keeps the first half and the last half of a stream within a cap, and counts what lies between.</summary>
internal sealed class HeadTailBuffer(int capacity)
{
    private readonly int _ringCapacity = capacity / 2;
    private readonly int _headCapacity = capacity - capacity / 2;
    private byte[] _head = [];
    private byte[] _ring = [];
    private int _headLength;
    private int _ringLength;
    private int _ringStart;
    private bool _headClosed;

    /// <summary>Gets how many bytes the stream has had, those left out included.</summary>
    public long Total { get; private set; }

    /// <summary>Gets how many bytes are left out.</summary>
    public long Omitted => Total - _headLength - _ringLength;

    public void Append(ReadOnlySpan<byte> data)
    {
        Total += data.Length;
        if (!_headClosed)
        {
            var taken = Math.Min(data.Length, _headCapacity - _headLength);
            Reserve(ref _head, _headLength + taken, _headCapacity);
            data[..taken].CopyTo(_head.AsSpan(_headLength));
            _headLength += taken;
            _headClosed = _headLength == _headCapacity;
            data = data[taken..];
        }
        if (data.Length > 0)
            AppendToRing(data);
    }

    /// <summary>Notes bytes that the sender had not kept. What was the tail until now lies before them, so it is none.</summary>
    public void Skip(long count)
    {
        Total = checked(Total + count);
        _headClosed = true;
        _ringLength = _ringStart = 0;
    }

    public byte[] ToArray()
    {
        var result = new byte[_headLength + _ringLength];
        _head.AsSpan(0, _headLength).CopyTo(result);
        var first = Math.Min(_ringLength, _ring.Length - _ringStart);
        _ring.AsSpan(_ringStart, first).CopyTo(result.AsSpan(_headLength));
        _ring.AsSpan(0, _ringLength - first).CopyTo(result.AsSpan(_headLength + first));
        return result;
    }

    private void AppendToRing(ReadOnlySpan<byte> data)
    {
        if (data.Length > _ringCapacity)
            data = data[^_ringCapacity..];
        if (_ring.Length < _ringCapacity && _ringLength + data.Length > _ring.Length)
            Reserve(ref _ring, Math.Min(_ringLength + data.Length, _ringCapacity), _ringCapacity);
        var end = (int)(((long)_ringStart + _ringLength) % _ring.Length);
        var first = Math.Min(data.Length, _ring.Length - end);
        data[..first].CopyTo(_ring.AsSpan(end));
        data[first..].CopyTo(_ring);
        var overwritten = Math.Max(0, _ringLength + data.Length - _ring.Length);
        _ringStart = (int)(((long)_ringStart + overwritten) % _ring.Length);
        _ringLength += data.Length - overwritten;
    }

    /// <summary>Grows by doubling; a ring grows only before it has wrapped, while its bytes still lie in order.</summary>
    private static void Reserve(ref byte[] buffer, int length, int capacity)
    {
        if (length > buffer.Length)
            Array.Resize(ref buffer, (int)Math.Min(capacity, Math.Max(length, Math.Max(256L, 2L * buffer.Length))));
    }
}
