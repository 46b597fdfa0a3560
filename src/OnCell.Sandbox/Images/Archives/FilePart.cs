using Microsoft.Win32.SafeHandles;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>A part of a file, for reading from its beginning to its end.</summary>
internal sealed class FilePart(SafeFileHandle file, long offset, long size) : ForwardStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, size - _position);
        if (wanted == 0)
            return 0;
        var count = RandomAccess.Read(file, buffer[..wanted], offset + _position);
        _position += count;
        return count;
    }
}
