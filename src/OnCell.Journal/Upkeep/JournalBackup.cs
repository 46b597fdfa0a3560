using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Upkeep;

/// <summary>Copies the journal while it is in use.</summary>
internal static class JournalBackup
{
    public static async Task WriteAsync(JournalStore store, string destination, CancellationToken ct)
    {
        if (File.Exists(destination))
            throw new JournalStorageException($"the backup {destination} exists already: give it a new name.");

        // No file of a large value is swept before it was copied.
        await store.Upkeep.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await Task.Run(() => Write(store, destination), ct).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new JournalStorageException($"the backup {destination} cannot be written ({error.Message}): free space there.", error);
        }
        finally
        {
            store.Upkeep.Release();
        }
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

    private static void Write(JournalStore store, string destination)
    {
        // Whoever finds the file under its name must find it marked and with its values: it gets the name last.
        var partial = destination + ".partial";
        File.Delete(partial);
        using (var lease = store.Readers.Rent())
        {
            using var copy = lease.Database.Prepare("VACUUM INTO ?1");
            copy.Bind(1, partial).Run();
        }

        var needed = new List<string>();
        using (var backup = SqliteDatabase.Open(partial, readOnly: false))
        {
            // The original goes on under the same epochs and keys, so whoever opens the copy must take new ones.
            backup.Execute("INSERT OR REPLACE INTO meta(key, value) VALUES('restored', 1)");
            using var names = backup.Prepare("SELECT DISTINCT name FROM blob");
            while (names.Step())
                needed.Add(names.Text(0)!);
        }

        foreach (var name in needed)
            store.Blobs.CopyTo(name, destination + ".blobs");
        using (var file = File.OpenHandle(partial, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        File.Move(partial, destination);
        Folder.Sync(Path.GetDirectoryName(destination)!);
    }
}
