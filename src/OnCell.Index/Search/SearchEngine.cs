using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using OnCell.Indexing.Ranking;
using OnCell.Indexing.Storage;

namespace OnCell.Indexing.Search;

/// <summary>Answers queries from the committed state of a database.</summary>
internal sealed class SearchEngine(IndexDatabase database) : IDisposable
{
    private readonly ConcurrentBag<IndexReader> _readers = [];
    private volatile IndexSnapshot? _snapshot;
    private volatile bool _disposed;

    /// <summary>Gets or sets the ranking constants; only the tuning harness sets them.</summary>
    public RankingWeights Weights { get; set; } = RankingWeights.Default;

    public IReadOnlyList<SearchHit> Search(string text, SearchOptions options, CancellationToken ct)
    {
        var query = SearchQuery.Parse(text);
        return Read(
            (reader, snapshot) =>
            {
                ct.ThrowIfCancellationRequested();
                var ranked = new ChunkRanker(snapshot, reader, Weights).Rank(query, options.TopK);
                ct.ThrowIfCancellationRequested();
                var hits = new List<SearchHit>(ranked.Count);
                foreach (var chunk in ranked)
                {
                    if (chunk.Score < options.MinScore) break;
                    var (start, end, content) = reader.ReadChunk(snapshot.ChunkAt(chunk.Slot));
                    hits.Add(new SearchHit(snapshot.Files[snapshot.FileOf[chunk.Slot]].Path, start, end, content, chunk.Score));
                }

                return hits;
            });
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
            if (!_readers.TryTake(out reader)) reader = new IndexReader(database.Connect());
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
