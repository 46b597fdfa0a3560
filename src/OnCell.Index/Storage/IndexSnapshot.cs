using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using OnCell.Indexing.Embedding;

namespace OnCell.Indexing.Storage;

/// <summary>What ranking needs of every chunk, in memory: about 12 bytes a chunk and the paths.</summary>
internal sealed class IndexSnapshot
{
    private VectorTable? _vectors;
    private volatile bool _vectorsRead;
    private volatile SignatureTable? _signatures;
    private readonly int[] _slots;
    private readonly long _firstChunk;

    private IndexSnapshot(
        long generation, List<FileEntry> files, int[] slots, long firstChunk, int[] fileOf, ushort[] lengths, long[] segments)
    {
        Generation = generation;
        Files = files;
        _slots = slots;
        _firstChunk = firstChunk;
        FileOf = fileOf;
        Lengths = lengths;
        Segments = segments;
        var total = 0L;
        foreach (var length in lengths) total += length;
        AverageLength = lengths.Length == 0 ? 1 : Math.Max(1, (float)total / lengths.Length);
        FileLengths = new int[files.Count];
        for (var slot = 0; slot < fileOf.Length; slot++) FileLengths[fileOf[slot]] += lengths[slot];
        AverageFileLength = files.Count == 0 ? 1 : Math.Max(1, (float)total / files.Count);
    }

    /// <summary>Gets the generation of the database that this shows.</summary>
    public long Generation { get; }

    /// <summary>Gets the indexed files.</summary>
    public IReadOnlyList<FileEntry> Files { get; }

    /// <summary>Gets the segments of postings.</summary>
    public long[] Segments { get; }

    /// <summary>Gets the place of each chunk's file in <see cref="Files"/>, by slot.</summary>
    public int[] FileOf { get; }

    /// <summary>Gets each chunk's number of words, by slot.</summary>
    public ushort[] Lengths { get; }

    /// <summary>Gets the average of <see cref="Lengths"/>.</summary>
    public float AverageLength { get; }

    /// <summary>Gets each file's number of words.</summary>
    public int[] FileLengths { get; }

    /// <summary>Gets the average of <see cref="FileLengths"/>.</summary>
    public float AverageFileLength { get; }

    /// <summary>Gets the vectors, read when first asked for; the reader must be inside its transaction.</summary>
    public VectorTable? VectorsBy(SqliteConnection connection)
    {
        if (!_vectorsRead)
        {
            _vectors = VectorTable.Read(connection, this);
            _vectorsRead = true;
        }

        return _vectors;
    }

    /// <summary>Gets the signatures, read when first asked for; the reader must be inside its transaction.</summary>
    public SignatureTable SignaturesBy(SqliteConnection connection) => _signatures ??= SignatureTable.Read(connection, this);

    public int ChunkCount => FileOf.Length;

    /// <summary>Returns a chunk's place in the arrays, -1 where it is gone.</summary>
    public int SlotOf(long chunk)
    {
        var index = chunk - _firstChunk;
        return (ulong)index < (ulong)_slots.Length ? _slots[index] : -1;
    }

    /// <summary>Returns the id of the chunk in a slot.</summary>
    public long ChunkAt(int slot)
    {
        var file = Files[FileOf[slot]];
        return file.FirstChunk + (slot - file.FirstSlot);
    }

    /// <summary>Reads the snapshot; the connection must be inside a transaction.</summary>
    public static IndexSnapshot Read(SqliteConnection connection)
    {
        var generation = IndexDatabase.Scalar(connection, "SELECT value FROM meta WHERE key = 'generation'");
        var files = new List<FileEntry>();
        var fileOf = new List<int>();
        var lengths = new List<ushort>();
        var firstChunk = long.MaxValue;
        var lastChunk = -1L;
        using (var read = new RawStatement(connection, "SELECT id, path, first_chunk, lengths, lines FROM file ORDER BY id"))
        {
            while (read.Step())
            {
                var blob = read.Blob(3);
                var first = read.Long(2);
                var count = blob.Length / 2;
                files.Add(new FileEntry(read.Long(0), read.Text(1), first, lengths.Count, count, (int)read.Long(4)));
                for (var i = 0; i < count; i++)
                {
                    fileOf.Add(files.Count - 1);
                    lengths.Add(BinaryPrimitives.ReadUInt16LittleEndian(blob[(2 * i)..]));
                }

                if (count == 0) continue;
                firstChunk = Math.Min(firstChunk, first);
                lastChunk = Math.Max(lastChunk, first + count - 1);
            }
        }

        var slots = new int[lastChunk < 0 ? 0 : lastChunk - firstChunk + 1];
        Array.Fill(slots, -1);
        foreach (var file in files)
        {
            for (var i = 0; i < file.ChunkCount; i++) slots[file.FirstChunk - firstChunk + i] = file.FirstSlot + i;
        }

        return new IndexSnapshot(
            generation, files, slots, firstChunk, [.. fileOf], [.. lengths], ReadSegments(connection));
    }

    private static long[] ReadSegments(SqliteConnection connection)
    {
        var segments = new List<long>();
        using var read = new RawStatement(connection, "SELECT id FROM segment ORDER BY id");
        while (read.Step()) segments.Add(read.Long(0));
        return [.. segments];
    }
}

/// <summary>A file of a snapshot.</summary>
internal sealed record FileEntry(long Id, string Path, long FirstChunk, int FirstSlot, int ChunkCount, int Lines)
{
    /// <summary>Gets how much the file's kind counts for less: tests, examples, generated code.</summary>
    public float Weight { get; } = Ranking.PathWeight.Of(Path);

    /// <summary>Gets how many words the file's name has.</summary>
    public int NameParts { get; } = Math.Max(1, Tokens.FileName.Of(Path).CountParts());
}
