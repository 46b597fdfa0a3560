using System.Text;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>Reads rows of the log.</summary>
internal static class LogReader
{
    private const string Columns =
        "seq, type, position, attempt, epoch, time, started, due, effect, failed, reattached, key, error, annotations, blob, "
        + "kind, name, fingerprint";

    /// <summary>Everything but arguments and values, in the order of writing.</summary>
    public const string HistorySql = $"SELECT {Columns} FROM log WHERE run_no = ?1";

    /// <summary>The next records of a run, with small values, for the event stream.</summary>
    public const string EventsSql =
        $"SELECT {Columns}, CASE WHEN type < 10 THEN value END FROM log WHERE run_no = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";

    public static LogRecord Read(SqliteStatement row) => new()
    {
        Sequence = row.Int64(0),
        Type = (RecordType)row.Int32(1),
        Position = row.Text(2)!,
        Attempt = row.Int32(3),
        Epoch = row.Int64(4),
        Time = row.Int64(5),
        Started = row.Int64OrNull(6),
        Due = row.Int64OrNull(7),
        Effect = (StepEffect)row.Int32(8),
        Failed = row.Int32(9) != 0,
        Reattached = row.Int32(10) != 0,
        Key = row.Text(11),
        Error = row.Text(12),
        Annotations = row.Text(13),
        Blob = row.Text(14),
        Kind = row.Text(15),
        Name = row.Text(16),
        Fingerprint = row.IsNull(17) ? null : row.Blob(17).ToArray(),
    };

    public static LogRecord ReadWithValue(SqliteStatement row) =>
        row.IsNull(18) ? Read(row) : Read(row) with { Value = row.Blob(18).ToArray() };

    /// <summary>Returns the bytes of a record's value, or the name of the file they are in.</summary>
    public static (byte[]? Inline, string? Blob) Value(SqliteDatabase database, long sequence)
    {
        using var row = database.Prepare("SELECT value, blob FROM log WHERE seq = ?1");
        if (!row.Bind(1, sequence).Step())
            throw new JournalCorruptException($"journal {database.Path}: record {sequence} is missing; restore a backup.");
        return (row.IsNull(0) ? null : row.Blob(0).ToArray(), row.Text(1));
    }

    /// <summary>Returns a record's value as the JSON text it is.</summary>
    public static string? ValueText(SqliteDatabase database, long sequence) =>
        Value(database, sequence).Inline is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>Returns the arguments kept of a step's first record.</summary>
    public static string? Arguments(SqliteDatabase database, long sequence)
    {
        using var row = database.Prepare("SELECT arguments FROM log WHERE seq = ?1");
        return row.Bind(1, sequence).Step() ? row.Text(0) : null;
    }
}
