using OnCell.Guest.Threading;

namespace OnCell.Guest.Control;

/// <summary>A piece of the host's data. Large ones are in buffers that are used again, or the collector would do little else.</summary>
internal sealed class ReceivedData : IDisposable
{
    private const int LargeBytes = 32 * 1024;

    private byte[]? _buffer;

    private ReceivedData(byte[] buffer, int length)
    {
        _buffer = buffer;
        Length = length;
    }

    public int Length { get; }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    public static ReceivedData Copy(ReadOnlySpan<byte> payload)
    {
        var buffer = payload.Length >= LargeBytes ? Buffers.Rent() : new byte[payload.Length];
        payload.CopyTo(buffer);
        return new ReceivedData(buffer, payload.Length);
    }

    public void Dispose()
    {
        if (Length >= LargeBytes && _buffer is not null)
            Buffers.Return(_buffer);
        _buffer = null;
    }
}
