using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>Which runs need which files of large values.</summary>
internal static class BlobTable
{
    public static void Add(SqliteDatabase database, string name, long runNo)
    {
        using var insert = database.Prepare("INSERT OR IGNORE INTO blob(name, run_no) VALUES(?1, ?2)");
        insert.Bind(1, name).Bind(2, runNo).Run();
    }

    /// <summary>Lets a run need all that another needs.</summary>
    public static void Copy(SqliteDatabase database, long fromRun, long toRun)
    {
        using var insert = database.Prepare("INSERT OR IGNORE INTO blob(name, run_no) SELECT name, ?2 FROM blob WHERE run_no = ?1");
        insert.Bind(1, fromRun).Bind(2, toRun).Run();
    }

    public static bool IsNeeded(SqliteDatabase database, string name)
    {
        using var row = database.Prepare("SELECT 1 FROM blob WHERE name = ?1 LIMIT 1");
        return row.Bind(1, name).Step();
    }
}
