using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>The table behind the journal's memory.</summary>
internal static class MemoryTable
{
    public static string? Get(ReaderPool readers, string key)
    {
        using var lease = readers.Rent();
        using var row = lease.Database.Prepare("SELECT value FROM memory WHERE key = ?1");
        return row.Bind(1, key).Step() ? row.Text(0) : null;
    }

    public static IReadOnlyList<string> Keys(ReaderPool readers, string prefix)
    {
        using var lease = readers.Rent();
        using var rows = lease.Database.Prepare("SELECT key FROM memory WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key");
        rows.Bind(1, prefix);
        var keys = new List<string>();
        while (rows.Step())
            keys.Add(rows.Text(0)!);
        return keys;
    }

    public static void Change(SqliteDatabase database, string key, string? value, long sequence, long time)
    {
        if (value is null)
        {
            using var delete = database.Prepare("DELETE FROM memory WHERE key = ?1");
            delete.Bind(1, key).Run();
            return;
        }

        using var upsert = database.Prepare("""
            INSERT INTO memory(key, value, seq, time) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(key) DO UPDATE SET value = excluded.value, seq = excluded.seq, time = excluded.time
            """);
        upsert.Bind(1, key).Bind(2, value).Bind(3, sequence).Bind(4, time).Run();
    }
}
