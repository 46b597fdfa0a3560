using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Upkeep;

/// <summary>Deletes what is old, and copies the journal while it is in use.</summary>
internal static class JournalUpkeep
{
    /// <summary>Deletes a run and all that is its own, in one transaction.</summary>
    public static bool Delete(WriteTransaction write, string runId)
    {
        var row = RunTable.Get(write.Database, runId);
        if (!row.HasEnded && row.State != RunState.Diverged)
            throw new RunConflictException($"run {runId} is open: cancel it before it is deleted.");
        Delete(write, row.No);
        return true;
    }

    /// <summary>Lists the ended runs that a policy no longer keeps, oldest first.</summary>
    public static List<string> ListExpired(SqliteDatabase database, RetentionPolicy policy, DateTimeOffset now)
    {
        using var rows = database.Prepare("""
            SELECT id FROM run WHERE state >= 4 AND (ended < ?1 OR no NOT IN
                (SELECT no FROM run WHERE state >= 4 ORDER BY ended DESC, no DESC LIMIT ?2)) ORDER BY no
            """);
        rows.Bind(1, (now - policy.MaxAge).ToMicros()).Bind(2, (long)policy.MaxEndedRuns);
        var expired = new List<string>();
        while (rows.Step())
            expired.Add(rows.Text(0)!);
        return expired;
    }

    /// <summary>Copies the journal as it is at this moment; writers go on.</summary>
    public static void Backup(JournalStore store, string destination)
    {
        if (File.Exists(destination))
            throw new JournalStorageException($"the backup {destination} exists already: give it a new name.");
        using (var lease = store.Readers.Rent())
        {
            using var copy = lease.Database.Prepare("VACUUM INTO ?1");
            copy.Bind(1, destination).Run();
        }

        using var backup = SqliteDatabase.Open(destination, readOnly: false);

        // The original goes on under the same epochs and keys, so whoever opens the copy must take new ones.
        backup.Execute("INSERT OR REPLACE INTO meta(key, value) VALUES('restored', 1)");
        var needed = new List<string>();
        using (var names = backup.Prepare("SELECT DISTINCT name FROM blob"))
        {
            while (names.Step())
                needed.Add(names.Text(0)!);
        }

        foreach (var name in needed)
            store.Blobs.CopyTo(name, destination + ".blobs");
        Folder.Sync(Path.GetDirectoryName(destination)!);
    }

    /// <summary>Gives the open runs of a restored backup new epochs and new keys.</summary>
    public static void TakeOverRestored(SqliteDatabase database)
    {
        if (database.Scalar("SELECT count(*) FROM meta WHERE key = 'restored'") == 0)
            return;
        database.Execute("BEGIN IMMEDIATE");
        database.Execute("UPDATE run SET epoch = epoch + 1, incarnation = lower(hex(randomblob(4))) WHERE state < 4");
        database.Execute("DELETE FROM meta WHERE key = 'restored'");
        database.Execute("COMMIT");
    }

    private static void Delete(WriteTransaction write, long no)
    {
        var database = write.Database;

        // Sequence numbers are event ids: they are not used again even when the newest are deleted.
        using (var last = database.Prepare("INSERT OR REPLACE INTO meta(key, value) VALUES('last_sequence', ?1)"))
            last.Bind(1, write.LastSequence).Run();
        foreach (var sql in (ReadOnlySpan<string>)
            [
                "DELETE FROM signal WHERE run_no = ?1",
                "DELETE FROM blob WHERE run_no = ?1",
                "DELETE FROM log WHERE run_no = ?1",
                "DELETE FROM run WHERE no = ?1",
            ])
        {
            using var delete = database.Prepare(sql);
            delete.Bind(1, no).Run();
        }

        write.Touch(no);
    }
}
