using System.Text;
using SQLitePCL;

namespace OnCell.Journaling.Storage.Sqlite;

/// <summary>A prepared statement: bind, step, read, and dispose to reset it for the next use.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle, string sql) : IDisposable
{
    // Valid for as long as the handle, which this object owns.
    private readonly nint _pointer = handle.DangerousGetHandle();

    public SqliteStatement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(handle, index, number) : raw.sqlite3_bind_null(handle, index));
        return this;
    }

    public SqliteStatement Bind(int index, string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(handle, index) : raw.sqlite3_bind_text(handle, index, value));
        return this;
    }

    public SqliteStatement BindBlob(int index, ReadOnlySpan<byte> value)
    {
        // An empty span has no address and would be bound as NULL.
        Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(handle, index, 0)
            : raw.sqlite3_bind_blob(handle, index, value));
        return this;
    }

    public SqliteStatement BindNull(int index)
    {
        Check(raw.sqlite3_bind_null(handle, index));
        return this;
    }

    /// <summary>Advances to the next row.</summary>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw database.Fault(code, sql),
        };
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    public void Run()
    {
        try
        {
            while (Step())
            {
            }
        }
        finally
        {
            Dispose();
        }
    }

    public long Int64(int column) => SqliteColumns.Int64(_pointer, column);

    public int Int32(int column) => (int)SqliteColumns.Int64(_pointer, column);

    public bool IsNull(int column) => SqliteColumns.Type(_pointer, column) == raw.SQLITE_NULL;

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(SqliteColumns.Utf8(_pointer, column));

    /// <summary>Returns a text, as the same string where it is the same as one read before.</summary>
    public string? Text(int column, string? before)
    {
        if (IsNull(column))
            return null;
        var bytes = SqliteColumns.Utf8(_pointer, column);
        return before is not null && Ascii.Equals(bytes, before) ? before : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Returns a column's bytes, valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => SqliteColumns.Data(_pointer, column);

    /// <summary>Resets the statement for its next use.</summary>
    public void Dispose() => raw.sqlite3_reset(handle);

    /// <summary>Frees the statement with its connection.</summary>
    public void Close() => handle.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw database.Fault(code, sql);
    }
}
