using Microsoft.Extensions.Logging;
using OnCell.Journaling.Diagnostics;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Upkeep;

/// <summary>Deletes what is old and gives its space back.</summary>
internal static class JournalUpkeep
{
    private const int PagesAtOnce = 256;

    /// <summary>Deletes a run and all that is its own, in one transaction.</summary>
    public static bool Delete(WriteTransaction write, string runId)
    {
        var row = RunTable.Get(write.Database, runId);
        if (!row.HasEnded && row.State != RunState.Diverged)
            throw new RunConflictException($"run {runId} is open: cancel it before it is deleted.");
        Delete(write, row.No);
        return true;
    }

    public static async Task<RetentionReport> PruneAsync(JournalStore store, RetentionPolicy policy, CancellationToken ct)
    {
        var now = store.Clock.GetUtcNow();
        List<long> expired;
        using (var lease = store.Readers.Rent())
            expired = ListExpired(lease.Database, policy, now);
        var deleted = 0;
        foreach (var no in expired)
            deleted += await store.Writer.WriteAsync(write => DeleteEnded(write, no), ct).ConfigureAwait(false) ? 1 : 0;
        var swept = await SweepAsync(store, now - policy.ValueFileGrace, ct).ConfigureAwait(false);
        if (IsMostlyFree(store))
            await CompactAsync(store, ct).ConfigureAwait(false);
        return new RetentionReport(deleted, swept);
    }

    /// <summary>Gives free pages back, some at a time: the writes that come meanwhile share the transactions.</summary>
    public static async Task<long> CompactAsync(JournalStore store, CancellationToken ct)
    {
        for (var freed = 0L; ;)
        {
            ct.ThrowIfCancellationRequested();
            var bytes = await store.Writer.WriteAsync(Compact, ct).ConfigureAwait(false);
            if (bytes == 0)
                return freed;
            freed += bytes;
        }
    }

    /// <summary>Rewrites a file of an older version once, so that its pages can be given back piece by piece.</summary>
    public static void MakeCompactable(SqliteDatabase database, ILogger logger)
    {
        const int Incremental = 2;
        if (database.Scalar("PRAGMA auto_vacuum") == Incremental)
            return;
        try
        {
            database.Execute("VACUUM");
        }
        catch (JournalStorageException error)
        {
            // Most likely the disk is too full for a second copy. The journal works as it is; the next opening tries again.
            JournalLog.NotCompactable(logger, database.Path, error);
        }
    }

    private static long Compact(WriteTransaction write)
    {
        var database = write.Database;
        var free = database.Scalar("PRAGMA freelist_count");
        if (free == 0)
            return 0;
        database.Prepare($"PRAGMA incremental_vacuum({PagesAtOnce})").Run();
        write.CheckpointSoon();
        return (free - database.Scalar("PRAGMA freelist_count")) * database.Scalar("PRAGMA page_size");
    }

    private static bool IsMostlyFree(JournalStore store)
    {
        using var lease = store.Readers.Rent();
        var free = lease.Database.Scalar("PRAGMA freelist_count");
        return free > PagesAtOnce && free > lease.Database.Scalar("PRAGMA page_count") / 4;
    }

    private static async Task<int> SweepAsync(JournalStore store, DateTimeOffset olderThan, CancellationToken ct)
    {
        await store.Upkeep.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await Task.Run(
                () =>
                {
                    using var reader = store.Readers.Rent();
                    return store.Blobs.Sweep(olderThan.UtcDateTime, name => BlobTable.IsNeeded(reader.Database, name));
                },
                ct).ConfigureAwait(false);
        }
        finally
        {
            store.Upkeep.Release();
        }
    }

    /// <summary>Lists the ended runs that a policy no longer keeps, oldest first.</summary>
    private static List<long> ListExpired(SqliteDatabase database, RetentionPolicy policy, DateTimeOffset now)
    {
        using var rows = database.Prepare("""
            SELECT no FROM run WHERE state >= 4 AND (ended < ?1 OR no NOT IN
                (SELECT no FROM run WHERE state >= 4 ORDER BY ended DESC, no DESC LIMIT ?2)) ORDER BY no
            """);
        rows.Bind(1, (now - policy.MaxAge).ToMicros()).Bind(2, (long)policy.MaxEndedRuns);
        var expired = new List<long>();
        while (rows.Step())
            expired.Add(rows.Int64(0));
        return expired;
    }

    /// <summary>Deletes a run that ended, if it is still there: somebody else may have deleted it meanwhile.</summary>
    private static bool DeleteEnded(WriteTransaction write, long no)
    {
        using (var row = write.Database.Prepare("SELECT 1 FROM run WHERE no = ?1 AND state >= 4"))
        {
            if (!row.Bind(1, no).Step())
                return false;
        }

        Delete(write, no);
        return true;
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
