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

    /// <summary>The same of one step alone.</summary>
    public const string StepSql = HistorySql + " AND position = ?2";

    /// <summary>The next records of a run for the event stream, with the values of the run's own records.</summary>
    public const string EventsSql =
        $"SELECT {Columns}, CASE WHEN type < 10 THEN value END FROM log WHERE run_no = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";

    /// <summary>Reads a record of a step. The first has what names the step; later ones repeat it, and are not asked for it.</summary>
    /// <remarks>Histories are long, so a column that a type never has is not asked for, and what is the same is one string.</remarks>
    public static LogRecord ReadStep(SqliteStatement row, string position, bool isFirst, (string? Kind, string? Name) before)
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
            Effect = isFirst ? (StepEffect)row.Int32(8) : default,
            Kind = isFirst ? row.Text(13, before.Kind) : null,
            Name = isFirst ? row.Text(14, before.Name) : null,
            Fingerprint = isFirst && !row.IsNull(15) ? row.Blob(15).ToArray() : null,
        };
    }

    /// <summary>Reads a record as the event stream shows it.</summary>
    public static LogRecord ReadEvent(SqliteStatement row)
    {
        var record = ReadStep(row, row.Text(2)!, isFirst: false, default) with { Kind = row.Text(13), Name = row.Text(14) };
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
