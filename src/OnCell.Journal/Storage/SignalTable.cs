using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>A signal that no step has taken yet.</summary>
internal sealed record WaitingSignal(long No, string Payload);

/// <summary>The signals sent to runs, kept until the run is deleted.</summary>
internal static class SignalTable
{
    /// <summary>Adds a signal.</summary>
    /// <returns><see langword="false"/> when one of this id was sent before.</returns>
    public static bool Add(SqliteDatabase database, long runNo, string name, string? id, string payload, long time)
    {
        using var insert = database.Prepare(
            "INSERT OR IGNORE INTO signal(run_no, name, id, payload, time) VALUES(?1, ?2, ?3, ?4, ?5)");
        insert.Bind(1, runNo).Bind(2, name).Bind(3, id).Bind(4, payload).Bind(5, time).Run();
        return database.Changes > 0;
    }

    /// <summary>Returns the oldest signal of a name that no step has taken, leaving out some.</summary>
    public static WaitingSignal? FirstWaiting(SqliteDatabase database, long runNo, string name, IReadOnlySet<long> without)
    {
        using var rows = database.Prepare(
            "SELECT no, payload FROM signal WHERE run_no = ?1 AND name = ?2 AND consumed_by IS NULL ORDER BY no");
        rows.Bind(1, runNo).Bind(2, name);
        while (rows.Step())
        {
            if (!without.Contains(rows.Int64(0)))
                return new WaitingSignal(rows.Int64(0), rows.Text(1)!);
        }

        return null;
    }

    public static long CountWaiting(SqliteDatabase database, long runNo)
    {
        using var row = database.Prepare("SELECT count(*) FROM signal WHERE run_no = ?1 AND consumed_by IS NULL");
        return row.Bind(1, runNo).Step() ? row.Int64(0) : 0;
    }

    /// <summary>Gives a run's signals to a copy of it; what was taken by a step that the copy does not have waits again.</summary>
    public static void Move(SqliteDatabase database, long fromRun, long toRun)
    {
        using var update = database.Prepare("""
            UPDATE signal SET run_no = ?2, consumed_by = (
                SELECT copy.seq FROM log AS original JOIN log AS copy
                    ON copy.run_no = ?2 AND copy.type = 11 AND copy.position = original.position
                WHERE original.seq = signal.consumed_by)
            WHERE run_no = ?1
            """);
        update.Bind(1, fromRun).Bind(2, toRun).Run();
    }

    public static void Consume(SqliteDatabase database, long no, long sequence)
    {
        using var update = database.Prepare("UPDATE signal SET consumed_by = ?2 WHERE no = ?1");
        update.Bind(1, no).Bind(2, sequence).Run();
    }
}
