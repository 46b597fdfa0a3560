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

    public static List<WaitingSignal> Waiting(SqliteDatabase database, long runNo, string name)
    {
        using var rows = database.Prepare(
            "SELECT no, payload FROM signal WHERE run_no = ?1 AND name = ?2 AND consumed_by IS NULL ORDER BY no");
        rows.Bind(1, runNo).Bind(2, name);
        var signals = new List<WaitingSignal>();
        while (rows.Step())
            signals.Add(new WaitingSignal(rows.Int64(0), rows.Text(1)!));
        return signals;
    }

    public static void Consume(SqliteDatabase database, long no, long sequence)
    {
        using var update = database.Prepare("UPDATE signal SET consumed_by = ?2 WHERE no = ?1");
        update.Bind(1, no).Bind(2, sequence).Run();
    }
}
