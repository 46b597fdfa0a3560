using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using OnCell.Indexing.Storage;

namespace OnCell.Indexing.Embedding;

/// <summary>Gives vectors to the chunks that have none, after the text is searchable already.</summary>
internal sealed class EmbeddingPass(
    SqliteConnection connection, IEmbeddingGenerator<string, Embedding<float>> generator, string model)
{
    private const int BatchChunks = 64;
    private const int CommitChunks = 1_024;

    /// <summary>Runs the pass; each committed batch stays.</summary>
    /// <returns>How many chunks were embedded.</returns>
    public async Task<int> RunAsync(IndexWriter writer, Action<int, int> report, CancellationToken ct)
    {
        DropVectorsOfOtherModels(writer);
        var missing = ReadMissing();
        var stored = VectorTable.ModelOf(connection)?.Dimension;
        using var content = new RawStatement(
            connection,
            """
            SELECT content, (SELECT path FROM file WHERE first_chunk <= ?1 ORDER BY first_chunk DESC LIMIT 1)
            FROM chunk WHERE id = ?1
            """);
        var dimension = 0;
        for (var done = 0; done < missing.Count; done += BatchChunks)
        {
            ct.ThrowIfCancellationRequested();
            report(done, missing.Count);
            var ids = missing.GetRange(done, Math.Min(BatchChunks, missing.Count - done));
            var vectors = await generator.GenerateAsync(ids.ConvertAll(id => ReadContent(content, id)), cancellationToken: ct).ConfigureAwait(false);
            if (vectors.Count != ids.Count)
            {
                throw new CodeIndexException(
                    CodeIndexError.ModelUnusable,
                    $"The embedding generator returned {vectors.Count} vectors for {ids.Count} texts. Check the model '{model}'.");
            }

            var made = vectors[0].Vector.Length;
            if (done == 0 && stored is { } other && other != made)
            {
                // The model was changed and its name was not: what it made before cannot be compared with what it makes now.
                DropVectors(writer);
                return await RunAsync(writer, report, ct).ConfigureAwait(false);
            }

            if (done == 0) Remember(writer, dimension = made);
            if (dimension == 0 || vectors.Any(v => v.Vector.Length != dimension))
            {
                throw new CodeIndexException(
                    CodeIndexError.ModelUnusable, $"The embedding generator returned vectors of different lengths. Check the model '{model}'.");
            }

            writer.Within(c => Insert(c, ids, vectors));
            if ((done + BatchChunks) % CommitChunks == 0) writer.Commit();
        }

        writer.Commit();
        return missing.Count;
    }

    private void DropVectorsOfOtherModels(IndexWriter writer)
    {
        using var read = new RawStatement(connection, "SELECT name FROM model");
        if (!read.Step() || read.Text(0) == model) return;
        read.Reset();
        DropVectors(writer);
    }

    private static void DropVectors(IndexWriter writer)
    {
        writer.Within(static c =>
        {
            foreach (var sql in (string[])["DELETE FROM vector", "DELETE FROM model"])
            {
                using var delete = new RawStatement(c, sql);
                delete.Run();
            }
        });
        writer.Commit();
    }

    private void Remember(IndexWriter writer, int dimension) => writer.Within(c =>
    {
        using var insert = new RawStatement(c, "INSERT OR IGNORE INTO model VALUES (?1, ?2)");
        insert.Bind(1, model).Bind(2, dimension).Run();
    });

    private List<long> ReadMissing()
    {
        using var read = new RawStatement(
            connection, "SELECT id FROM chunk WHERE NOT EXISTS (SELECT 1 FROM vector WHERE vector.chunk = chunk.id) ORDER BY id");
        var ids = new List<long>();
        while (read.Step()) ids.Add(read.Long(0));
        return ids;
    }

    /// <summary>Reads a chunk's text, with its path above it.</summary>
    private static string ReadContent(RawStatement read, long id)
    {
        read.Bind(1, id).Step();
        var text = read.Text(1) + "\n" + Encoding.UTF8.GetString(read.Blob(0));
        read.Reset();
        return text;
    }

    private static void Insert(SqliteConnection connection, List<long> ids, GeneratedEmbeddings<Embedding<float>> vectors)
    {
        using var insert = new RawStatement(connection, "INSERT INTO vector VALUES (?1, ?2)");
        for (var i = 0; i < ids.Count; i++)
            insert.Bind(1, ids[i]).Bind(2, QuantizedVector.AsBytes(QuantizedVector.Quantize(vectors[i].Vector.Span))).Run();
    }
}
