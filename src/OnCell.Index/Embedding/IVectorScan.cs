using OnCell.Indexing.Storage;

namespace OnCell.Indexing.Embedding;

/// <summary>Finds the chunks nearest to a query's vector, by looking at all of them.</summary>
internal interface IVectorScan
{
    /// <summary>Prepares a new connection.</summary>
    void Prepare(IndexReader reader);

    /// <summary>Finds the nearest chunks; the reader must be inside its transaction.</summary>
    /// <param name="reader">The index.</param>
    /// <param name="snapshot">What it holds.</param>
    /// <param name="model">The model that the query's vector is of; vectors of another are not compared.</param>
    /// <param name="query">The query's vector.</param>
    /// <param name="count">How many are wanted at most.</param>
    /// <returns>Slots with their cosines, nearest first; of equally near ones the lower slot first.</returns>
    List<(int Slot, float Cosine)> Nearest(IndexReader reader, IndexSnapshot snapshot, string model, sbyte[] query, int count);
}

/// <summary>Scans all vectors in memory, with the processor's widest instructions.</summary>
internal sealed class MemoryVectorScan : IVectorScan
{
    public void Prepare(IndexReader reader)
    {
    }

    public List<(int Slot, float Cosine)> Nearest(IndexReader reader, IndexSnapshot snapshot, string model, sbyte[] query, int count)
        => snapshot.VectorsBy(reader.Connection) is { } table && table.Model == model && table.Dimension == query.Length
            ? table.Nearest(query, count)
            : [];
}

/// <summary>Lets SQLite scan the stored vectors through sqlite-vec: slower, and nothing is kept in memory.</summary>
internal sealed class SqliteVectorScan : IVectorScan
{
    public void Prepare(IndexReader reader) => SqliteVec.LoadInto(reader.Connection);

    public List<(int Slot, float Cosine)> Nearest(IndexReader reader, IndexSnapshot snapshot, string model, sbyte[] query, int count)
    {
        var found = new List<(int Slot, float Cosine)>();
        if (VectorTable.ModelOf(reader.Connection) != (model, query.Length)) return found;
        using var read = new RawStatement(
            reader.Connection,
            """
            SELECT chunk, vec_distance_cosine(vec_int8(vector), vec_int8(?1)) AS distance
            FROM vector WHERE vector <> zeroblob(length(?1)) ORDER BY distance, chunk LIMIT ?2
            """); // the distance to a vector of zeros is NULL, which would come first
        read.Bind(1, QuantizedVector.AsBytes(query)).Bind(2, count);
        while (read.Step())
        {
            var slot = snapshot.SlotOf(read.Long(0));
            if (slot >= 0) found.Add((slot, 1 - (float)read.Double(1)));
        }

        return found;
    }
}
