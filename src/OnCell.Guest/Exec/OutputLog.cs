using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>One output of a keyed command on disk: its beginning, then a ring of the latest.</summary>
/// <remarks>
/// The ring may be larger than the half of the cap that the result keeps: it is also what a caller reads from who
/// follows the command live.
/// </remarks>
internal sealed class OutputLog : IDisposable
{
    // What a caller who reads on may lie behind, beyond the largest piece that is written at once.
    private const int MinRing = 512 * 1024;

    private readonly string _path;
    private readonly int _headCapacity;
    private readonly int _ringCapacity;
    private Fd? _file;

    // Set when the disk refused a write: what lies before is kept, the rest is only counted.
    private long _keptEnd = long.MaxValue;

    private OutputLog(string path, int capacity, long total, Fd? file)
    {
        _path = path;
        _ringCapacity = RingCapacity(capacity);
        _headCapacity = HeadCapacity(capacity);
        _file = file;
        Total = total;
    }

    /// <summary>Gets how many bytes the command has written.</summary>
    public long Total { get; private set; }

    /// <summary>Begins an empty log. The file is made with the first byte: most commands say nothing on standard error.</summary>
    public static OutputLog Create(string path, int capacity) => new(path, capacity, 0, null);

    /// <summary>Opens the log of a command that has ended.</summary>
    public static OutputLog OpenFinished(string path, int capacity, long total) =>
        new(path, capacity, total, FileSystem.TryOpen(path, Linux.OpenRead));

    /// <summary>Opens what is left of a command that was interrupted. Where the ring had been filled, its seam is unknown: then the head.</summary>
    public static OutputLog OpenInterrupted(string path, int capacity)
    {
        var file = FileSystem.TryOpen(path, Linux.OpenRead);
        var size = file is null ? 0 : (long)(FileSystem.Stat(path)?.Size ?? 0);
        var seamless = size < HeadCapacity(capacity) + RingCapacity(capacity);
        return new OutputLog(path, capacity, seamless ? size : HeadCapacity(capacity), file);
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        try
        {
            while (!data.IsEmpty && _keptEnd == long.MaxValue)
            {
                _file ??= FileSystem.Open(
                    _path, Linux.OpenReadWrite | Linux.OpenCreate | Linux.OpenTruncate, 0x180);
                var (position, room) = Place(Total);
                var piece = data[..Math.Min(room, data.Length)];
                _file.WriteAt(piece, position);
                Total += piece.Length;
                data = data[piece.Length..];
            }
        }
        catch (ErrnoException e)
        {
            // A full disk must not stop the command: it may be the one that makes room.
            Log.Error("output is not kept", e);
            _keptEnd = Math.Min(Total, _headCapacity);
        }
        Total += data.Length;
    }

    /// <summary>Reads from a place in the output: a piece, or the length of what is not kept there.</summary>
    public (int Count, long Gap) Read(long offset, Span<byte> buffer)
    {
        if (offset >= Total)
            return (0, 0);
        var headEnd = Math.Min(Math.Min(Total, _headCapacity), _keptEnd);
        if (_file is null || offset >= _keptEnd)
            return (0, Total - offset);
        long end;
        if (offset < headEnd)
        {
            end = headEnd;
        }
        else
        {
            var tail = _keptEnd == long.MaxValue ? Math.Max(_headCapacity, Total - _ringCapacity) : Total;
            if (offset < tail)
                return (0, tail - offset);
            end = Total;
        }
        var (position, room) = Place(offset);
        var wanted = (int)Math.Min(Math.Min(end - offset, room), buffer.Length);
        var count = _file.ReadAt(buffer[..wanted], position);
        return count > 0 ? (count, 0) : (0, end - offset);
    }

    /// <summary>Tells whether a reader at this place would lose something by the next piece.</summary>
    public bool WouldOverrun(long offset) => Total - offset > _ringCapacity - ProtocolConstants.MaxData;

    public void Sync() => _file?.Sync();

    public void Dispose() => _file?.Dispose();

    private static int HeadCapacity(int capacity) => capacity - capacity / 2;

    private static int RingCapacity(int capacity) => Math.Max(capacity / 2, MinRing);

    private (long Position, int Room) Place(long offset)
    {
        if (offset < _headCapacity)
            return (offset, (int)(_headCapacity - offset));
        var inRing = (int)((offset - _headCapacity) % _ringCapacity);
        return (_headCapacity + inRing, _ringCapacity - inRing);
    }
}
