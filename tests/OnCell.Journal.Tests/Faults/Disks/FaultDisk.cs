namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>
/// A disk that keeps, for each file, what was synced and what was only written since. It can lose power, fail a sync, or
/// be full.
/// </summary>
internal sealed class FaultDisk : IDisposable
{
    private readonly Dictionary<string, FaultFile> _files = new(StringComparer.Ordinal);
    private int _syncsLeft = int.MaxValue;
    private int _writesLeft = int.MaxValue;
    private int _failingLeft = int.MaxValue;

    public FaultDisk(string folder)
    {
        Folder = folder;
        ShimVfs.Mount(this);
    }

    public string Folder { get; }

    public object Gate { get; } = new();

    /// <summary>Gets or sets what is called before each write and each sync, on the thread that does it, inside the gate.</summary>
    public Action? Operation { get; set; }

    /// <summary>Gets how many writes were torn by cuts.</summary>
    public int Torn { get; set; }

    /// <summary>Gets how many files had their writes in another order after a cut.</summary>
    public int Reordered { get; set; }

    public void FailWriteAfter(int writes) => Volatile.Write(ref _failingLeft, writes);

    public void FailSyncAfter(int syncs) => Volatile.Write(ref _syncsLeft, syncs);

    public void BeFullAfter(int writes) => Volatile.Write(ref _writesLeft, writes);

    public FaultFile Open(string name)
    {
        lock (Gate)
        {
            if (!_files.TryGetValue(name, out var file))
                _files.Add(name, file = new FaultFile(this, File.ReadAllBytes(Path.Combine(Folder, name))));
            return file;
        }
    }

    /// <summary>
    /// Writes what the disk would hold if the power went now: all that was synced, and of the writes since then any, in any
    /// order, whole or torn at a sector.
    /// </summary>
    public void Cut(string into, Random random)
    {
        lock (Gate)
        {
            foreach (var (name, file) in _files)
            {
                // A name is durable with the file's first sync; before it, the file may be missing.
                if (file.EverSynced || random.Next(2) == 0)
                    File.WriteAllBytes(Path.Combine(into, name), file.AfterCut(random));
            }
        }
    }

    public bool TakeSync() => Interlocked.Decrement(ref _syncsLeft) >= 0;

    /// <summary>Returns SQLite's code for the next write.</summary>
    public int TakeWrite() => Interlocked.Decrement(ref _writesLeft) < 0 ? SqliteVfs.Full
        : Interlocked.Decrement(ref _failingLeft) < 0 ? SqliteVfs.IoErrorWrite
        : SqliteVfs.Ok;

    public void Dispose() => ShimVfs.Unmount(this);
}

/// <summary>One file of a <see cref="FaultDisk"/>.</summary>
internal sealed class FaultFile(FaultDisk disk, byte[] content)
{
    private const int SectorBytes = 512;
    private readonly List<Change> _unsynced = [];
    private byte[] _synced = content;

    public bool EverSynced { get; private set; } = content.Length > 0;

    public int Write(long offset, ReadOnlySpan<byte> data)
    {
        lock (disk.Gate)
        {
            disk.Operation?.Invoke();
            var code = disk.TakeWrite();
            if (code == SqliteVfs.Ok)
                _unsynced.Add(new Change(offset, data.ToArray()));
            return code;
        }
    }

    public void Truncate(long size)
    {
        lock (disk.Gate)
            _unsynced.Add(new Change(size, null));
    }

    public int Sync()
    {
        lock (disk.Gate)
        {
            disk.Operation?.Invoke();
            if (!disk.TakeSync())
                return SqliteVfs.IoErrorFsync;
            foreach (var change in _unsynced)
                _synced = Apply(_synced, change);
            _unsynced.Clear();
            EverSynced = true;
            return SqliteVfs.Ok;
        }
    }

    public byte[] AfterCut(Random random)
    {
        var content = (byte[])_synced.Clone();
        var reordered = _unsynced.Count > 1 && random.Next(4) == 0;
        disk.Reordered += reordered ? 1 : 0;
        foreach (var change in reordered ? Shuffled(random) : [.. _unsynced])
        {
            if (random.Next(2) == 0)
                continue;
            var torn = change.Data is { Length: > SectorBytes } data && random.Next(4) == 0
                ? change with { Data = data[..(random.Next(data.Length / SectorBytes) * SectorBytes)] }
                : change;
            disk.Torn += torn == change ? 0 : 1;
            content = Apply(content, torn);
        }

        return content;
    }

    private Change[] Shuffled(Random random)
    {
        Change[] changes = [.. _unsynced];
        random.Shuffle(changes);
        return changes;
    }

    private static byte[] Apply(byte[] content, Change change)
    {
        if (change.Data is null)
        {
            if (content.Length > change.Offset)
                Array.Resize(ref content, (int)change.Offset);
            return content;
        }

        var end = (int)change.Offset + change.Data.Length;
        if (content.Length < end)
            Array.Resize(ref content, end);
        change.Data.CopyTo(content, (int)change.Offset);
        return content;
    }

    /// <summary>A write, or without data a truncation to the offset.</summary>
    private sealed record Change(long Offset, byte[]? Data);
}
