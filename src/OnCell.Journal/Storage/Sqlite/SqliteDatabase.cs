using SQLitePCL;

namespace OnCell.Journaling.Storage.Sqlite;

/// <summary>
/// One SQLite connection with its prepared statements, used by one thread at a time. Thinner than ADO.NET on purpose:
/// the hot path is one bind, one step and one reset per record.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    // Statements are named by literals, so looking them up by reference is enough.
    private readonly Dictionary<string, SqliteStatement> _statements = new(ReferenceEqualityComparer.Instance);
    private readonly sqlite3 _handle;

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle, string path) => (_handle, Path) = (handle, path);

    public string Path { get; }

    public long TotalChanges => raw.sqlite3_total_changes(_handle);

    public int Changes => raw.sqlite3_changes(_handle);

    public static string LibraryVersion => raw.sqlite3_libversion().utf8_to_string();

    public static SqliteDatabase Open(string path, bool readOnly, string? vfs = null)
    {
        // No mutex: a connection is never used by two threads at once.
        var flags = raw.SQLITE_OPEN_NOMUTEX
            | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, vfs);
        if (code != raw.SQLITE_OK)
        {
            using (handle)
                throw SqliteFault.Create(handle, code, path, "opening the file");
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, 5_000);
        return new SqliteDatabase(handle, path);
    }

    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
            throw Fault(code, sql);
    }

    /// <summary>Returns the prepared statement of a literal, reset and ready to be bound.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            var code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var prepared);
            if (code != raw.SQLITE_OK)
                throw Fault(code, sql);
            _statements.Add(sql, statement = new SqliteStatement(this, prepared, sql));
        }

        return statement;
    }

    /// <summary>Ends a transaction that only read, if there is one.</summary>
    public bool TryEndRead() =>
        raw.sqlite3_get_autocommit(_handle) != 0 || raw.sqlite3_exec(_handle, "ROLLBACK") == raw.SQLITE_OK;

    /// <summary>Returns how many pages were written since the last call; in WAL mode, how much the log grew.</summary>
    public int TakePagesWritten()
    {
        raw.sqlite3_db_status(_handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        return pages;
    }

    /// <summary>Runs a query that returns one number, or zero when it returns no row.</summary>
    public long Scalar(string sql)
    {
        using var row = Prepare(sql);
        return row.Step() ? row.Int64(0) : 0;
    }

    /// <summary>Runs a query that returns one text, or nothing.</summary>
    public string? Text(string sql)
    {
        using var row = Prepare(sql);
        return row.Step() ? row.Text(0) : null;
    }

    public JournalException Fault(int code, string sql) => SqliteFault.Create(_handle, code, Path, $"\"{Head(sql)}\"");

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Close();
        _statements.Clear();
        _handle.Dispose();
    }

    private static string Head(string sql) => sql.Length <= 60 ? sql : string.Concat(sql.AsSpan(0, 57), "...");
}
