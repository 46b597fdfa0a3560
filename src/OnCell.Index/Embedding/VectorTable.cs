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

    /// <summary>Makes a table of vectors that lie one after another.</summary>
    internal static VectorTable Of(string model, int dimension, sbyte[] vectors) => new(model, dimension, vectors);

    /// <summary>Reads the vectors.</summary>
    /// <returns><see langword="null"/> where the index has none.</returns>
    public static VectorTable? Read(SqliteConnection connection, IndexSnapshot snapshot)
    {
        if (ModelOf(connection) is not var (name, dimension)) return null;
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

    /// <summary>Reads which model the stored vectors are of.</summary>
    /// <returns><see langword="null"/> where there are none.</returns>
    public static (string Name, int Dimension)? ModelOf(SqliteConnection connection)
    {
        using var model = new RawStatement(connection, "SELECT name, dimension FROM model");
        return model.Step() ? (model.Text(0), (int)model.Long(1)) : null;
    }

    /// <summary>Finds the nearest chunks.</summary>
    /// <returns>Up to <paramref name="count"/> slots with their cosines, nearest first.</returns>
    public List<(int Slot, float Cosine)> Nearest(sbyte[] query, int count)
    {
        const float One = 127 * 127;
        var nearest = new PriorityQueue<int, (int Dot, int Order)>(count + 1);
        var least = int.MinValue;
        var slots = (int)(_vectors.LongLength / Dimension);
        for (var slot = 0; slot < slots; slot++)
        {
            var dot = QuantizedVector.Dot(query, _vectors.AsSpan(slot * Dimension, Dimension));
            if (nearest.Count == count && dot <= least) continue; // of equals, the lower slot stays
            if (nearest.Count < count) nearest.Enqueue(slot, (dot, -slot));
            else nearest.EnqueueDequeue(slot, (dot, -slot));
            if (nearest.TryPeek(out _, out var last)) least = last.Dot;
        }

        var found = new List<(int Slot, float Cosine)>(nearest.Count);
        while (nearest.TryDequeue(out var slot, out var key)) found.Add((slot, key.Dot / One));
        found.Reverse();
        return found;
    }
}
