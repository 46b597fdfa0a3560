using System.Text.Json;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>What a queued write sees: the database inside the open transaction of its batch.</summary>
/// <remarks>A write that throws must not have changed anything, since the others of its batch are committed.</remarks>
internal sealed class WriteTransaction(SqliteDatabase database, long lastSequence, Func<string, string>? redact)
{
    // Only the owner of the lease may append, and only to a run that has not ended: one statement says both.
    private const string FencedInsert = """
        INSERT INTO log(seq, run_no, type, position, attempt, epoch, time, started, due, effect, failed, reattached,
            fingerprint, kind, name, key, error, annotations, arguments, blob, value)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21
        FROM run WHERE no = ?2 AND epoch = ?6 AND state < 4
        """;

    private readonly HashSet<long> _touched = [];
    private long _lastSequence = lastSequence;

    public SqliteDatabase Database { get; } = database;

    public long LastSequence => _lastSequence;

    /// <summary>Gets the runs that got records in this batch.</summary>
    public IReadOnlyCollection<long> Touched => _touched;

    /// <summary>Appends a record for the owner of the run's lease.</summary>
    /// <returns>The record's sequence number.</returns>
    /// <exception cref="LeaseLostException">The record's epoch is not the run's, or the run has ended.</exception>
    public long Append(long runNo, in LogRecord record)
    {
        var sequence = ++_lastSequence;
        using (var insert = Database.Prepare(FencedInsert))
        {
            insert.Bind(1, sequence).Bind(2, runNo).Bind(3, (long)record.Type).Bind(4, record.Position)
                .Bind(5, record.Attempt).Bind(6, record.Epoch).Bind(7, record.Time).Bind(8, record.Started)
                .Bind(9, record.Due).Bind(10, record.Effect == 0 ? null : (long)record.Effect)
                .Bind(11, record.Failed ? 1L : null).Bind(12, record.Reattached ? 1L : null);
            if (record.Fingerprint is { } fingerprint)
                insert.BindBlob(13, fingerprint);
            else
                insert.BindNull(13);
            insert.Bind(14, record.Kind).Bind(15, Clean(record.Name)).Bind(16, record.Key).Bind(17, Clean(record.Error))
                .Bind(18, Clean(record.Annotations)).Bind(19, Clean(record.Arguments)).Bind(20, record.Blob);
            if (record.Value is { } value)
                insert.BindBlob(21, value.Span);
            else
                insert.BindNull(21);
            insert.Run();
        }

        if (Database.Changes == 0)
            throw Refused(runNo, record.Epoch);
        _touched.Add(runNo);
        return sequence;
    }

    /// <summary>Copies the records of some steps to the end of another run's log, as its first epoch's.</summary>
    public void CopySteps(long fromRun, IEnumerable<string> positions, long toRun)
    {
        using var copy = Database.Prepare("""
            INSERT INTO log(seq, run_no, type, position, attempt, epoch, time, started, due, effect, failed, reattached,
                fingerprint, kind, name, key, error, annotations, arguments, blob, value)
            SELECT ?4 + row_number() OVER (ORDER BY seq), ?3, type, position, attempt, 1, time, started, due, effect, failed, reattached,
                fingerprint, kind, name, key, error, annotations, arguments, blob, value
            FROM log WHERE run_no = ?1 AND type >= 10 AND position IN (SELECT value FROM json_each(?2))
            """);
        copy.Bind(1, fromRun).Bind(2, JsonSerializer.Serialize(positions, JsonContext.Default.IEnumerableString)).Bind(3, toRun).Bind(4, _lastSequence).Run();
        _lastSequence += Database.Changes;
        _touched.Add(toRun);
    }

    /// <summary>Gets a value indicating whether the log is to be moved into the file after this batch, however short it is.</summary>
    public bool WantsCheckpoint { get; private set; }

    /// <summary>Asks for the log to be moved into the file, which is when the file shrinks.</summary>
    public void CheckpointSoon() => WantsCheckpoint = true;

    /// <summary>Wakes a run's followers though it got no record.</summary>
    public void Touch(long runNo) => _touched.Add(runNo);

    private string? Clean(string? text) => text is null || redact is null ? text : redact(text);

    private LeaseLostException Refused(long runNo, long epoch)
    {
        using var row = Database.Prepare("SELECT id, epoch, state FROM run WHERE no = ?1");
        if (!row.Bind(1, runNo).Step())
            return new LeaseLostException($"run number {runNo} is no longer in {Database.Path}: it was deleted.");
        var state = (RunState)row.Int32(2);
        return row.Int64(1) == epoch
            ? new LeaseLostException($"run {row.Text(0)} has ended ({state}): nothing more is written to it.")
            : new LeaseLostException(
                $"run {row.Text(0)} was claimed with epoch {row.Int64(1)}; epoch {epoch} may not write any more.");
    }
}
