using System.Security.Cryptography;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>A row of the table of runs.</summary>
internal sealed record RunRow(
    long No,
    string Id,
    string Incarnation,
    string Method,
    string Input,
    string CodeVersion,
    RunState State,
    long Epoch,
    int Parked,
    bool CancelRequested,
    long Created,
    long? Ended,
    long? EndSequence,
    string? ForkedFrom,
    string Seed)
{
    public bool HasEnded => State >= RunState.Completed;

    /// <summary>The state shown: an open run with a parked step needs a decision.</summary>
    public RunState ShownState => State == RunState.Running && Parked > 0 ? RunState.NeedsDecision : State;
}

/// <summary>Reads and changes rows of the table of runs.</summary>
internal static class RunTable
{
    private const string Columns =
        "no, id, incarnation, method, input, code_version, state, epoch, parked, cancel_requested, created, ended, end_seq, forked_from, seed";

    public static RunRow? Find(SqliteDatabase database, string id)
    {
        using var row = database.Prepare($"SELECT {Columns} FROM run WHERE id = ?1");
        return row.Bind(1, id).Step() ? Read(row) : null;
    }

    public static RunRow Get(SqliteDatabase database, string id) => Find(database, id)
        ?? throw new RunNotFoundException($"journal {database.Path} has no run {id}.");

    public static List<RunRow> List(SqliteDatabase database, RunFilter filter)
    {
        const string Chosen = """
            (?1 IS NULL OR method = ?1)
            AND (?2 IS NULL OR CASE WHEN state = 1 AND parked > 0 THEN 2 ELSE state END = ?2)
            AND no < CASE WHEN ?4 IS NULL THEN 9223372036854775807 ELSE (SELECT no FROM run WHERE id = ?4) END
            AND (?5 IS NULL OR created >= ?5) AND (?6 IS NULL OR created < ?6)
            ORDER BY no DESC LIMIT ?3
            """;
        using var rows = filter.OpenOnly
            ? database.Prepare($"SELECT {Columns} FROM run WHERE state < 4 AND state <> 3 AND {Chosen}")
            : database.Prepare($"SELECT {Columns} FROM run WHERE {Chosen}");
        rows.Bind(1, filter.Method).Bind(2, (long?)filter.State).Bind(3, filter.Limit)
            .Bind(4, filter.OlderThan).Bind(5, filter.Since?.ToMicros()).Bind(6, filter.Until?.ToMicros());
        var runs = new List<RunRow>();
        while (rows.Step())
            runs.Add(Read(rows));
        return runs;
    }

    /// <summary>Adds a run with an incarnation of its own.</summary>
    /// <remarks>
    /// The incarnation is part of every key of the run's steps: a deleted run's id may be used again, its keys may not.
    /// </remarks>
    public static long Insert(SqliteDatabase database, RunStart start, long now, RunRow? parent)
    {
        var incarnation = NewIncarnation();
        using var insert = database.Prepare("""
            INSERT INTO run(id, incarnation, method, input, code_version, state, epoch, created, forked_from, seed)
            VALUES(?1, ?2, ?3, ?4, ?5, 1, 1, ?6, ?7, ?8) RETURNING no
            """);
        insert.Bind(1, start.Id).Bind(2, incarnation).Bind(3, start.Method).Bind(4, start.InputJson)
            .Bind(5, start.CodeVersion).Bind(6, now).Bind(7, parent?.Id).Bind(8, parent?.Seed ?? incarnation);
        insert.Step();
        return insert.Int64(0);
    }

    public static string NewIncarnation() => RandomNumberGenerator.GetHexString(8, lowercase: true);

    public static void Claim(SqliteDatabase database, long no, long epoch)
    {
        using var update = database.Prepare("UPDATE run SET epoch = ?2, state = 1 WHERE no = ?1");
        update.Bind(1, no).Bind(2, epoch).Run();
    }

    public static void End(SqliteDatabase database, long no, RunState state, long? ended, long sequence)
    {
        using var update = database.Prepare("UPDATE run SET state = ?2, ended = ?3, end_seq = ?4, parked = iif(?2 = 3, parked, 0) WHERE no = ?1");
        update.Bind(1, no).Bind(2, (long)state).Bind(3, ended).Bind(4, sequence).Run();
    }

    public static void AddParked(SqliteDatabase database, long no, int change)
    {
        using var update = database.Prepare("UPDATE run SET parked = max(0, parked + ?2) WHERE no = ?1");
        update.Bind(1, no).Bind(2, (long)change).Run();
    }

    public static void Rename(SqliteDatabase database, long no, string id)
    {
        using var update = database.Prepare("UPDATE run SET id = ?2 WHERE no = ?1");
        update.Bind(1, no).Bind(2, id).Run();
    }

    public static void RequestCancel(SqliteDatabase database, long no)
    {
        using var update = database.Prepare("UPDATE run SET cancel_requested = 1 WHERE no = ?1");
        update.Bind(1, no).Run();
    }

    private static RunRow Read(SqliteStatement row) => new(
        row.Int64(0),
        row.Text(1)!,
        row.Text(2)!,
        row.Text(3)!,
        row.Text(4)!,
        row.Text(5)!,
        (RunState)row.Int32(6),
        row.Int64(7),
        row.Int32(8),
        row.Int32(9) != 0,
        row.Int64(10),
        row.Int64OrNull(11),
        row.Int64OrNull(12),
        row.Text(13),
        row.Text(14)!);
}
