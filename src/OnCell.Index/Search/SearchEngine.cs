using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OnCell.Indexing.Embedding;
using OnCell.Indexing.Ranking;
using OnCell.Indexing.Storage;

namespace OnCell.Indexing.Search;

/// <summary>Answers queries from the committed state of a database.</summary>
internal sealed class SearchEngine(IndexDatabase database, IVectorScan scan, ILogger logger) : IDisposable
{
    /// <summary>Of the chunks that may hold a phrase or expression by their signatures, so many are read at most, the most likely first.</summary>
    private const int MaxChunksRead = 50_000;

    private readonly ConcurrentBag<IndexReader> _readers = [];
    private volatile IndexSnapshot? _snapshot;
    private volatile bool _disposed;
    private volatile bool _warned;

    /// <summary>Gets or sets the ranking constants; only the tuning harness sets them.</summary>
    public RankingWeights Weights { get; set; } = RankingWeights.Default;

    /// <summary>Answers a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="vector">Its vector, where there is one.</param>
    /// <param name="model">The vector's model; vectors of another are not compared with it.</param>
    /// <param name="options">How many hits, and which.</param>
    /// <param name="ct">Cancels the search.</param>
    public IReadOnlyList<SearchHit> Search(
        SearchQuery query, sbyte[]? vector, string model, SearchOptions options, CancellationToken ct)
        => Read((reader, snapshot) =>
        {
            if (vector is not null) WarnOfOtherVectors(reader, model, vector.Length);
            var nearest = vector is null ? [] : scan.Nearest(reader, snapshot, model, vector, Weights.DenseCandidates);
            return Search(reader, snapshot, query, nearest, options, ct);
        });

    /// <summary>Says once that the stored vectors cannot be compared with those of queries.</summary>
    private void WarnOfOtherVectors(IndexReader reader, string model, int dimension)
    {
        if (_warned || VectorTable.ModelOf(reader.Connection) is not { } stored || stored == (model, dimension)) return;
        _warned = true;
        IndexLog.OtherVectors(logger, stored.Name, stored.Dimension, model, dimension);
    }

    /// <summary>Finds definitions by name.</summary>
    public IReadOnlyList<CodeSymbol> FindSymbols(string name, int most, CancellationToken ct)
        => Read((reader, snapshot) => SymbolFinder.Find(reader, snapshot, name, most, ct));

    /// <summary>Finds code in other files that has to do with a place.</summary>
    /// <returns><see langword="null"/> where the file is not indexed.</returns>
    public IReadOnlyList<SearchHit>? FindRelated(string path, int line, int most, CancellationToken ct)
        => Read((reader, snapshot) =>
        {
            var slot = RelatedFinder.SlotAt(reader, snapshot, path, line);
            if (slot < 0) return null;
            var query = RelatedFinder.MakeQuery(reader, snapshot, reader.ReadChunk(snapshot.ChunkAt(slot)).Content);
            return query.Words.Count == 0
                ? []
                : Search(reader, snapshot, query, [], new SearchOptions { TopK = most }, ct, notIn: path);
        });

    /// <summary>Draws a map of the repository.</summary>
    public RepoMap Map(int tokenBudget, CancellationToken ct)
        => Read((reader, snapshot) => new RepoMapper(reader, snapshot).Draw(tokenBudget, ct));

    private List<SearchHit> Search(
        IndexReader reader,
        IndexSnapshot snapshot,
        SearchQuery query,
        List<(int Slot, float Cosine)> nearest,
        SearchOptions options,
        CancellationToken ct,
        string? notIn = null)
    {
        var hits = new List<SearchHit>();
        var looked = 0;
        var needed = query.Filter.NeededBits;
        var signatures = needed.Length == 0 ? null : snapshot.SignaturesBy(reader.Connection);
        using var ranker = new ChunkRanker(snapshot, reader, Weights);
        foreach (var chunk in ranker.Rank(query, nearest))
        {
            ct.ThrowIfCancellationRequested();
            if (chunk.Score < options.MinScore) break;
            if (signatures?.Has(chunk.Slot, needed) == false) continue;
            if (++looked > MaxChunksRead) break;
            var path = snapshot.Files[snapshot.FileOf[chunk.Slot]].Path;
            if (path == notIn) continue;
            var (start, end, content) = reader.ReadChunk(snapshot.ChunkAt(chunk.Slot));
            if (query.Filter.NeedsContent && !query.Filter.AllowsText(content)) continue;
            hits.Add(new SearchHit(path, start, end, content, chunk.Score));
            if (hits.Count == options.TopK) break;
        }

        return hits;
    }

    /// <summary>Reads one committed state of the database.</summary>
    /// <exception cref="CodeIndexException">The database cannot be read.</exception>
    public T Read<T>(Func<IndexReader, IndexSnapshot, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(CodeIndex));
        IndexReader? reader = null;
        var reusable = false;
        try
        {
            if (!_readers.TryTake(out reader))
            {
                reader = new IndexReader(database.Connect());
                scan.Prepare(reader);
            }

            var generation = reader.Begin();
            var snapshot = _snapshot;
            if (snapshot?.Generation != generation) _snapshot = snapshot = IndexSnapshot.Read(reader.Connection);
            var result = read(reader, snapshot);
            reader.End();
            reusable = true;
            return result;
        }
        catch (SqliteException e)
        {
            throw database.Unusable(e);
        }
        finally
        {
            if (reusable && !_disposed) _readers.Add(reader!);
            else reader?.Dispose();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_readers.TryTake(out var reader)) reader.Dispose();
    }
}
