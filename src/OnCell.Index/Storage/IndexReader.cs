using System.Text;
using Microsoft.Data.Sqlite;

namespace OnCell.Indexing.Storage;

/// <summary>One connection for one search at a time.</summary>
internal sealed class IndexReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly RawStatement _begin;
    private readonly RawStatement _end;
    private readonly RawStatement _generation;
    private readonly RawStatement _posting;
    private readonly RawStatement _chunk;

    public IndexReader(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new RawStatement(connection, "BEGIN");
        _end = new RawStatement(connection, "COMMIT");
        _generation = new RawStatement(connection, "SELECT value FROM meta WHERE key = 'generation'");
        _posting = new RawStatement(connection, "SELECT data FROM posting WHERE segment = ?1 AND term = ?2");
        _chunk = new RawStatement(connection, "SELECT start_line, end_line, content FROM chunk WHERE id = ?1");
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Begins to read one state of the database, whatever is committed meanwhile.</summary>
    /// <returns>The state's generation.</returns>
    public long Begin()
    {
        _begin.Run();
        _generation.Step();
        var generation = _generation.Long(0);
        _generation.Reset();
        return generation;
    }

    public void End() => _end.Run();

    /// <summary>Hands each segment's postings of a term to <paramref name="visit"/>.</summary>
    public void ReadPostings<TState>(long[] segments, ulong term, TState state, PostingVisitor<TState> visit)
        where TState : allows ref struct
    {
        foreach (var segment in segments)
        {
            _posting.Bind(1, segment).Bind(2, unchecked((long)term));
            if (_posting.Step()) visit(_posting.Blob(0), state);
            _posting.Reset();
        }
    }

    /// <summary>Reads a chunk's lines and text.</summary>
    public (int StartLine, int EndLine, string Content) ReadChunk(long id)
    {
        if (!_chunk.Bind(1, id).Step()) throw new InvalidOperationException($"Chunk {id} is in no table.");
        var chunk = ((int)_chunk.Long(0), (int)_chunk.Long(1), Encoding.UTF8.GetString(_chunk.Blob(2)));
        _chunk.Reset();
        return chunk;
    }

    public void Dispose()
    {
        _begin.Dispose();
        _end.Dispose();
        _generation.Dispose();
        _posting.Dispose();
        _chunk.Dispose();
        _connection.Dispose();
    }
}

/// <summary>Receives the postings of a term in one segment; they are valid during the call.</summary>
internal delegate void PostingVisitor<in TState>(ReadOnlySpan<byte> postings, TState state)
    where TState : allows ref struct;
