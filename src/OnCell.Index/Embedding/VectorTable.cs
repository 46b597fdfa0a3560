using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using OnCell.Indexing.Storage;

namespace OnCell.Indexing.Embedding;

/// <summary>All vectors of a snapshot in one block of memory, by slot; a chunk that has none yet has zeros.</summary>
internal sealed class VectorTable
{
    private readonly sbyte[] _vectors;

    private VectorTable(string model, int dimension, sbyte[] vectors)
    {
        Model = model;
        Dimension = dimension;
        _vectors = vectors;
    }

    public string Model { get; }

    public int Dimension { get; }

    /// <summary>Reads the vectors.</summary>
    /// <returns><see langword="null"/> where the index has none.</returns>
    public static VectorTable? Read(SqliteConnection connection, IndexSnapshot snapshot)
    {
        using var model = new RawStatement(connection, "SELECT name, dimension FROM model");
        if (!model.Step()) return null;
        var (name, dimension) = (model.Text(0), (int)model.Long(1));
        model.Reset();
        var vectors = new sbyte[(long)snapshot.ChunkCount * dimension];
        using var read = new RawStatement(connection, "SELECT chunk, vector FROM vector");
        while (read.Step())
        {
            var slot = snapshot.SlotOf(read.Long(0));
            var vector = read.Blob(1);
            if (slot < 0 || vector.Length != dimension) continue;
            MemoryMarshal.Cast<byte, sbyte>(vector).CopyTo(vectors.AsSpan(slot * dimension));
        }

        return new VectorTable(name, dimension, vectors);
    }

    /// <summary>Finds the nearest chunks.</summary>
    /// <returns>Up to <paramref name="count"/> slots with their cosines, nearest first.</returns>
    public List<(int Slot, float Cosine)> Nearest(sbyte[] query, int count)
    {
        const float One = 127 * 127;
        var nearest = new PriorityQueue<int, int>();
        for (var slot = 0; slot * (long)Dimension < _vectors.LongLength; slot++)
        {
            var dot = QuantizedVector.Dot(query, _vectors.AsSpan(slot * Dimension, Dimension));
            if (nearest.Count < count) nearest.Enqueue(slot, dot);
            else nearest.EnqueueDequeue(slot, dot);
        }

        var found = new List<(int Slot, float Cosine)>(nearest.Count);
        while (nearest.TryDequeue(out var slot, out var dot)) found.Add((slot, dot / One));
        found.Reverse();
        return found;
    }
}
