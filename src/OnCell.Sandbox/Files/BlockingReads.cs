using OnCell.Sandboxes.Images.Archives;

namespace OnCell.Sandboxes.Files;

/// <summary>Reads a stream that may know asynchronous reads only, for a scanner that knows only the others. On a thread that may wait.</summary>
internal sealed class BlockingReads(Stream inner, CancellationToken cancellationToken) : ForwardStream
{
    private readonly byte[] _buffer = new byte[128 << 10];
    private int _start;
    private int _end;

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = inner.ReadAsync(_buffer, cancellationToken).AsTask().GetAwaiter().GetResult();
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }
}
