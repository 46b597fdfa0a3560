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

    public static bool IsNeeded(SqliteDatabase database, string name)
    {
        using var row = database.Prepare("SELECT 1 FROM blob WHERE name = ?1 LIMIT 1");
        return row.Bind(1, name).Step();
    }
}
