using System.Buffers.Binary;
using System.Text;
using Microsoft.Data.Sqlite;
using OnCell.Indexing.Scanning;

namespace OnCell.Indexing.Storage;

/// <summary>Writes documents in batches; each batch is one transaction and one segment of postings.</summary>
internal sealed class IndexWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly RawStatement _insertFile;
    private readonly RawStatement _insertChunk;
    private readonly RawStatement _insertSymbol;
    private readonly RawStatement _insertSegment;
    private readonly RawStatement _insertPosting;
    private readonly RawStatement _insertSignature;
    private readonly RawStatement _deleteFile;
    private readonly RawStatement _deleteChunks;
    private readonly RawStatement _deleteSymbols;
    private readonly RawStatement _deleteVectors;
    private readonly RawStatement _deleteSignature;
    private readonly RawStatement _touchFile;
    private readonly RawStatement _setMeta;
    private readonly Dictionary<ulong, PostingList> _postings = [];
    private SqliteTransaction? _transaction;
    private byte[] _text = new byte[8_192];
    private long _nextFile;
    private long _nextChunk;
    private long _firstOfBatch;

    public IndexWriter(SqliteConnection connection)
    {
        _connection = connection;
        _insertFile = Prepare("INSERT INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        _insertChunk = Prepare("INSERT INTO chunk VALUES (?1, ?2, ?3, ?4)");
        _insertSymbol = Prepare("INSERT OR IGNORE INTO symbol VALUES (?1, ?2, ?3, ?4, ?5)");
        _insertSegment = Prepare("INSERT INTO segment VALUES (NULL, ?1, ?2, ?3) RETURNING id");
        _insertPosting = Prepare("INSERT INTO posting VALUES (?1, ?2, ?3)");
        _insertSignature = Prepare("INSERT INTO signature VALUES (?1, ?2)");
        _deleteFile = Prepare("DELETE FROM file WHERE id = ?1");
        _deleteChunks = Prepare("DELETE FROM chunk WHERE id BETWEEN ?1 AND ?2");
        _deleteSymbols = Prepare("DELETE FROM symbol WHERE chunk BETWEEN ?1 AND ?2");
        _deleteVectors = Prepare("DELETE FROM vector WHERE chunk BETWEEN ?1 AND ?2");
        _deleteSignature = Prepare("DELETE FROM signature WHERE first_chunk = ?1");
        _touchFile = Prepare("UPDATE file SET size = ?2, modified_ns = ?3, changed_ns = ?4 WHERE id = ?1");
        _setMeta = Prepare("UPDATE meta SET value = ?2 WHERE key = ?1");
        _nextFile = IndexDatabase.Scalar(connection, "SELECT value FROM meta WHERE key = 'next_file'");
        _nextChunk = IndexDatabase.Scalar(connection, "SELECT value FROM meta WHERE key = 'next_chunk'");
    }

    /// <summary>Gets how much source text waits in the open batch, in bytes.</summary>
    public long BatchBytes { get; private set; }

    /// <summary>Gets how many chunks this writer has written.</summary>
    public int ChunksWritten { get; private set; }

    public void Add(FileDocument document, StoredFile? replaced)
    {
        Begin();
        if (replaced is not null) Delete(replaced);
        var first = _nextChunk;
        var lengths = new byte[document.Chunks.Count * 2];
        for (var i = 0; i < document.Chunks.Count; i++)
        {
            var chunk = document.Chunks[i];
            BinaryPrimitives.WriteUInt16LittleEndian(lengths.AsSpan(2 * i), (ushort)Math.Min(chunk.Length, ushort.MaxValue));
            Add(chunk, _nextChunk++);
        }

        _insertFile.Bind(1, _nextFile++).Bind(2, document.Path)
            .Bind(3, document.Stamp.Size).Bind(4, document.Stamp.ModifiedNs).Bind(5, document.Stamp.ChangedNs)
            .Bind(6, document.Hash).Bind(7, document.Lines).Bind(8, first).Bind(9, lengths).Run();
        if (document.Signatures.Length > 0) _insertSignature.Bind(1, first).Bind(2, document.Signatures).Run();
        BatchBytes += document.Bytes;
        ChunksWritten += document.Chunks.Count;
    }

    public void Remove(StoredFile file)
    {
        Begin();
        Delete(file);
    }

    /// <summary>Records a new stamp of a file whose content is the same.</summary>
    public void Touch(StoredFile file, FileStamp stamp)
    {
        Begin();
        _touchFile.Bind(1, file.Id).Bind(2, stamp.Size).Bind(3, stamp.ModifiedNs).Bind(4, stamp.ChangedNs).Run();
    }

    public void SetMeta(string key, long value)
    {
        Begin();
        _setMeta.Bind(1, key).Bind(2, value).Run();
    }

    /// <summary>Runs work inside the open batch.</summary>
    public void Within(Action<SqliteConnection> work)
    {
        Begin();
        work(_connection);
    }

    /// <summary>Makes the open batch durable; without one, does nothing.</summary>
    public void Commit()
    {
        if (_transaction is null) return;
        if (_postings.Count > 0) WriteSegment();
        _setMeta.Bind(1, "next_file").Bind(2, _nextFile).Run();
        _setMeta.Bind(1, "next_chunk").Bind(2, _nextChunk).Run();
        IndexDatabase.Execute(_connection, "UPDATE meta SET value = value + 1 WHERE key = 'generation'", _transaction);
        _transaction.Commit();
        _transaction.Dispose();
        _transaction = null;
        BatchBytes = 0;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<RawStatement>)
            [_insertFile, _insertChunk, _insertSymbol, _insertSegment, _insertPosting, _insertSignature, _deleteFile, _deleteChunks,
             _deleteSymbols, _deleteVectors, _deleteSignature, _touchFile, _setMeta])
        {
            statement.Dispose();
        }

        _transaction?.Dispose(); // rolls back
    }

    private RawStatement Prepare(string sql) => new(_connection, sql);

    private void Begin()
    {
        if (_transaction is not null) return;
        _transaction = _connection.BeginTransaction(deferred: false);
        _firstOfBatch = _nextChunk;
    }

    private void Add(ChunkDocument chunk, long id)
    {
        _insertChunk.Bind(1, id).Bind(2, chunk.StartLine).Bind(3, chunk.EndLine).BindText(4, Encode(chunk.Content)).Run();
        foreach (var definition in chunk.Definitions)
        {
            if (definition.Kind == Languages.Definition.Export) continue;
            _insertSymbol.Bind(1, id).Bind(2, definition.Line + 1).Bind(3, definition.Name.ToLowerInvariant())
                .Bind(4, definition.Name).Bind(5, definition.Kind).Run();
        }

        foreach (var (term, count) in chunk.Terms)
        {
            ref var list = ref System.Runtime.InteropServices.CollectionsMarshal
                .GetValueRefOrAddDefault(_postings, term, out _);
            (list ??= new PostingList()).Append(id, count);
        }
    }

    private ReadOnlySpan<byte> Encode(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_text.Length < most) _text = new byte[most];
        return _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text));
    }

    private void Delete(StoredFile file)
    {
        _deleteFile.Bind(1, file.Id).Run();
        if (file.ChunkCount == 0) return;
        var last = file.FirstChunk + file.ChunkCount - 1;
        _deleteChunks.Bind(1, file.FirstChunk).Bind(2, last).Run();
        _deleteSymbols.Bind(1, file.FirstChunk).Bind(2, last).Run();
        _deleteVectors.Bind(1, file.FirstChunk).Bind(2, last).Run();
        _deleteSignature.Bind(1, file.FirstChunk).Run();
    }

    private void WriteSegment()
    {
        _insertSegment.Bind(1, _firstOfBatch).Bind(2, _nextChunk - 1).Bind(3, _nextChunk - _firstOfBatch).Step();
        var segment = _insertSegment.Long(0);
        _insertSegment.Reset();

        // Rising keys make every insert an append to the table.
        var terms = new long[_postings.Count];
        var at = 0;
        foreach (var term in _postings.Keys) terms[at++] = unchecked((long)term);
        Array.Sort(terms);
        foreach (var term in terms)
            _insertPosting.Bind(1, segment).Bind(2, term).Bind(3, _postings[unchecked((ulong)term)].Data).Run();
        _postings.Clear();
    }
}
