using OnCell.Journaling.Blobs;
using OnCell.Journaling.Storage.Sqlite;
using OnCell.Journaling.Upkeep;

namespace OnCell.Journaling.Storage;

/// <summary>An open journal file: its lock, its writer, its readers and its large values.</summary>
internal sealed class JournalStore : IAsyncDisposable
{
    // Before 3.51.3 a reset of the write-ahead log could corrupt a database: https://sqlite.org/wal.html#walresetbug
    private static readonly Version OldestSqlite = new(3, 51, 3);
    private readonly ProcessLock _lock;

    private JournalStore(string path, JournalOptions options, ProcessLock held, SqliteDatabase database)
    {
        _lock = held;
        Path = path;
        Options = options;
        Events = new EventHub();
        Readers = new ReaderPool(path, options.Faults.Vfs);
        Blobs = new BlobStore(path + ".blobs", options.Faults);
        var last = Math.Max(
            database.Scalar("SELECT coalesce(max(seq), 0) FROM log"),
            database.Scalar("SELECT value FROM meta WHERE key = 'last_sequence'"));
        Writer = new JournalWriter(database, Events, options, last);
    }

    public string Path { get; }

    public JournalOptions Options { get; }

    public EventHub Events { get; }

    public ReaderPool Readers { get; }

    public JournalWriter Writer { get; }

    public BlobStore Blobs { get; }

    /// <summary>Gets what is held while files of large values are swept or copied, which must not meet.</summary>
    public SemaphoreSlim Upkeep { get; } = new(1);

    public TimeProvider Clock => Options.TimeProvider;

    public static async Task<JournalStore> OpenAsync(string path, JournalOptions options, CancellationToken ct)
    {
        if (Version.Parse(SqliteDatabase.LibraryVersion) < OldestSqlite)
        {
            throw new JournalVersionException(
                $"SQLite {SqliteDatabase.LibraryVersion} is loaded; the journal needs {OldestSqlite} or newer, since older "
                + "ones can corrupt a database in WAL mode: update SQLitePCLRaw.bundle_e_sqlite3.");
        }

        var held = await ProcessLock.AcquireAsync(path, options, ct).ConfigureAwait(false);
        SqliteDatabase? database = null;
        try
        {
            var isNew = !File.Exists(path);
            database = SqliteDatabase.Open(path, readOnly: false, options.Faults.Vfs);
            Prepare(database, options);
            if (isNew)
                Folder.Sync(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            return new JournalStore(path, options, held, database);
        }
        catch
        {
            database?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Returns the bytes of a record's value, wherever they are.</summary>
    public ValueTask<byte[]> ReadValueAsync(long sequence, CancellationToken ct)
    {
        byte[]? inline;
        string? blob;
        using (var lease = Readers.Rent())
            (inline, blob) = LogReader.Value(lease.Database, sequence);
        return blob is null ? ValueTask.FromResult(inline ?? []) : new(Blobs.ReadAsync(blob, ct));
    }

    public async ValueTask DisposeAsync()
    {
        // The writer last: only a connection that may write moves the log into the database when it is the last to close.
        Readers.Dispose();
        await Writer.DisposeAsync().ConfigureAwait(false);
        _lock.Dispose();
    }

    private static void Prepare(SqliteDatabase database, JournalOptions options)
    {
        Schema.CheckWritable(database);

        // Pages of deleted runs can be given back piece by piece. Only an empty file can be told so without being rewritten.
        database.Execute("PRAGMA auto_vacuum = INCREMENTAL");
        if (database.Text("PRAGMA journal_mode = WAL") != "wal")
        {
            throw new JournalStorageException(
                $"journal {database.Path} cannot use a write-ahead log: put it on a local, writable file system.");
        }

        database.Execute($"PRAGMA synchronous = {options.Faults.Synchronous}");
        database.Execute("PRAGMA foreign_keys = ON");
        database.Execute("PRAGMA journal_size_limit = 67108864");

        // Checkpoints are the writer's own, after it has acknowledged.
        database.Execute("PRAGMA wal_autocheckpoint = 0");
        Schema.Migrate(database, Schema.Current);
        JournalUpkeep.MakeCompactable(database, options.Logger);
        JournalBackup.TakeOverRestored(database);
    }
}
