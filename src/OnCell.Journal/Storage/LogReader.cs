using System.Text;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>Reads rows of the log.</summary>
internal static class LogReader
{
    private const string Columns =
        "seq, type, position, attempt, epoch, time, started, due, effect, failed, reattached, error, annotations, kind, name";

    /// <summary>What replay needs of a run, in the order of writing: no keys, arguments or values.</summary>
    public const string HistorySql = $"SELECT {Columns}, fingerprint FROM log WHERE run_no = ?1";

    /// <summary>The next records of a run for the event stream, with the values of the run's own records.</summary>
    public const string EventsSql =
        $"SELECT {Columns}, CASE WHEN type < 10 THEN value END FROM log WHERE run_no = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";

    /// <summary>Reads the first record of a step, which has what names it.</summary>
    public static LogRecord ReadFirst(SqliteStatement row) => ReadNext(row, row.Text(2)!) with
    {
        Effect = (StepEffect)row.Int32(8),
        Kind = row.Text(13),
        Name = row.Text(14),
        Fingerprint = row.IsNull(15) ? null : row.Blob(15).ToArray(),
    };

    /// <summary>Reads a later record of a step. Histories are long, so a column that a type never has is not asked for.</summary>
    public static LogRecord ReadNext(SqliteStatement row, string position)
    {
        var type = (RecordType)row.Int32(1);
        var (starts, ends) = (type == RecordType.StepStarted, type == RecordType.StepEnded);
        return new LogRecord
        {
            Sequence = row.Int64(0),
            Type = type,
            Position = position,
            Attempt = row.Int32(3),
            Epoch = row.Int64(4),
            Time = row.Int64(5),
            Started = starts ? null : row.Int64OrNull(6),
            Due = ends ? null : row.Int64OrNull(7),
            Failed = ends && row.Int32(9) != 0,
            Reattached = ends && row.Int32(10) != 0,
            Error = starts ? null : row.Text(11),
            Annotations = ends ? row.Text(12) : null,
        };
    }

    /// <summary>Reads a record as the event stream shows it.</summary>
    public static LogRecord ReadEvent(SqliteStatement row)
    {
        var record = ReadNext(row, row.Text(2)!) with { Kind = row.Text(13), Name = row.Text(14) };
        return row.IsNull(15) ? record : record with { Value = row.Blob(15).ToArray() };
    }

    /// <summary>Returns the key an attempt was begun with.</summary>
    public static string? Key(SqliteDatabase database, long sequence)
    {
        using var row = database.Prepare("SELECT key FROM log WHERE seq = ?1");
        return row.Bind(1, sequence).Step() ? row.Text(0) : null;
    }

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
