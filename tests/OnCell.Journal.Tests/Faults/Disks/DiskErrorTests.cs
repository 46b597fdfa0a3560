using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>The disk says no: nothing is acknowledged after it, and what was acknowledged before is there.</summary>
public class DiskErrorTests
{
    [Theory]
    [InlineData("sync")]
    [InlineData("write")]
    [InlineData("full")]
    public async Task A_failed_sync_a_failed_write_of_a_commit_or_a_full_disk_poisons_the_journal_until_it_is_opened_again(string fault)
    {
        await using var file = new TestJournal { Options = new JournalOptions { Faults = new StorageFaults { Vfs = ShimVfs.Name } } };
        using var disk = new FaultDisk(file.Folder);
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        var acknowledged = 0;
        switch (fault)
        {
            case "sync":
                disk.FailSyncAfter(7);
                break;
            case "write":
                disk.FailWriteAfter(37);
                break;
            default:
                disk.BeFullAfter(40);
                break;
        }

        var error = await Assert.ThrowsAsync<JournalStorageException>(async () =>
        {
            for (var i = 1; i < 1_000; i++)
            {
                await run.DoAsync(StepEffect.Idempotent, _ => i);
                acknowledged = i;
            }
        });
        Assert.Contains(file.File, error.Message, StringComparison.Ordinal);
        Assert.True(journal.IsFaulted);

        // Not even when the disk is well again: what the file holds is known only after it was read anew.
        disk.FailSyncAfter(int.MaxValue);
        disk.FailWriteAfter(int.MaxValue);
        disk.BeFullAfter(int.MaxValue);
        await Assert.ThrowsAsync<JournalStorageException>(() => run.DoAsync(StepEffect.Idempotent, _ => 0));
        await Assert.ThrowsAsync<JournalStorageException>(() => journal.StartAsync("other"));
        Assert.NotNull(await journal.GetRunAsync("run-1", Step.Ct));

        journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        for (var i = 1; i <= acknowledged; i++)
            Assert.Equal(i, await resumed.DoAsync(StepEffect.Idempotent, _ => -1));
        await resumed.DoAsync(StepEffect.Idempotent, _ => 0);
    }

    [Fact]
    public async Task An_interrupted_deletion_leaves_the_run_whole_or_gone()
    {
        await using var file = new TestJournal { Options = new JournalOptions { Faults = new StorageFaults { Vfs = ShimVfs.Name } } };
        using var disk = new FaultDisk(file.Folder);
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => run.DoAsync(StepEffect.Idempotent, _ => new string('x', 300))));
            await run.CompleteAsync("1", Step.Ct);
        }

        var (whole, gone) = (0, false);
        for (var writes = 0; !gone; writes += 9)
        {
            disk.BeFullAfter(writes);
            try
            {
                await journal.DeleteRunAsync("run-1", Step.Ct);
            }
            catch (JournalStorageException)
            {
                whole++;
            }

            disk.BeFullAfter(int.MaxValue);
            journal = await file.ReopenAsync();
            gone = await journal.GetRunAsync("run-1", Step.Ct) is null;
            if (!gone)
                Assert.Equal(500, (await journal.ListStepsAsync("run-1", Step.Ct)).Count);
        }

        Assert.True(whole > 0);
        await using var again = await journal.StartAsync();
        Assert.True(again.Created);
        Assert.Empty(await journal.ListStepsAsync("run-1", Step.Ct));
    }
}
