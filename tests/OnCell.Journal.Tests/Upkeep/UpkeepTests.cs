using Microsoft.Extensions.Time.Testing;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Upkeep;

public class UpkeepTests
{
    [Fact]
    public async Task Deleted_runs_are_gone_with_their_values_and_their_id_gets_other_keys()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        string key;
        await using (var run = await journal.StartAsync())
        {
            key = await run.DoAsync(StepEffect.Idempotent, step => step.Key);
            await run.DoAsync(StepEffect.Read, _ => new string('x', 100_000));
            await Assert.ThrowsAsync<RunConflictException>(() => journal.DeleteRunAsync("run-1", Step.Ct));
            await run.CompleteAsync("1", Step.Ct);
        }

        var last = (await journal.ReadEventsAsync("run-1", 0, Step.Ct).LastAsync(Step.Ct)).Sequence;
        await journal.DeleteRunAsync("run-1", Step.Ct);
        Assert.Null(await journal.GetRunAsync("run-1", Step.Ct));
        var kept = await journal.PruneAsync(new RetentionPolicy(), Step.Ct);
        Assert.Equal(new RetentionReport(0, 0), kept);
        var swept = await journal.PruneAsync(new RetentionPolicy { ValueFileGrace = TimeSpan.FromSeconds(-1) }, Step.Ct);
        Assert.Equal(new RetentionReport(0, 1), swept);

        journal = await file.ReopenAsync();
        await using var reused = await journal.StartAsync();
        Assert.NotEqual(key, await reused.DoAsync(StepEffect.Idempotent, step => step.Key));
        await reused.CompleteAsync("1", Step.Ct);
        var first = await journal.ReadEventsAsync("run-1", 0, Step.Ct).FirstAsync(Step.Ct);
        Assert.True(first.Sequence > last, "a client that resumes after the old run's last event must see the new run");
    }

    [Fact]
    public async Task Retention_keeps_the_newest_and_never_touches_open_runs()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var file = new TestJournal { Options = new JournalOptions { TimeProvider = clock } };
        var journal = await file.ReopenAsync();
        await using var open = await journal.StartAsync("open");
        for (var i = 0; i < 6; i++)
        {
            await using var run = await journal.StartAsync($"run-{i}");
            await run.CompleteAsync("1", Step.Ct);
            clock.Advance(TimeSpan.FromDays(10));
        }

        Assert.Equal(3, (await journal.PruneAsync(new RetentionPolicy(), Step.Ct)).RunsDeleted);
        Assert.Equal(1, (await journal.PruneAsync(new RetentionPolicy { MaxEndedRuns = 2 }, Step.Ct)).RunsDeleted);
        Assert.Equal(["run-5", "run-4", "open"], (await journal.ListRunsAsync(null, Step.Ct)).Select(run => run.Id));
    }

    [Fact]
    public async Task Runs_are_listed_and_pruned_twice_at_the_same_time()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        for (var i = 0; i < 150; i++)
        {
            await using var run = await journal.StartAsync($"run-{i}");
            await run.CompleteAsync($"{i}", Step.Ct);
        }

        using var stop = new CancellationTokenSource();
        var listing = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                    Assert.All(await journal.ListRunsAsync(null, Step.Ct), static run => Assert.NotNull(run.ResultJson));
            },
            Step.Ct);
        var policy = new RetentionPolicy { MaxEndedRuns = 10 };
        var pruned = await Task.WhenAll(journal.PruneAsync(policy, Step.Ct), journal.PruneAsync(policy, Step.Ct));
        await stop.CancelAsync();
        await listing;

        Assert.Equal(140, pruned.Sum(static report => report.RunsDeleted));
        Assert.Equal(10, (await journal.ListRunsAsync(null, Step.Ct)).Count);
    }

    [Fact]
    public async Task A_backup_is_taken_while_runs_go_on_and_is_opened_with_new_epochs_and_keys()
    {
        await using var file = new TestJournal();
        await using var other = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        await run.DoAsync(StepEffect.Read, _ => new string('x', 100_000));
        using var stop = new CancellationTokenSource();
        var going = GoOnAsync();

        await journal.BackupAsync(other.File, Step.Ct);
        await stop.CancelAsync();
        Assert.True(await going > 0);
        await Assert.ThrowsAsync<JournalStorageException>(() => journal.BackupAsync(other.File, Step.Ct));
        Assert.Empty(Directory.GetFiles(other.Folder, "*.partial*"));

        var restored = await other.ReopenAsync();
        Assert.Equal(2, (await restored.GetRunAsync("run-1", Step.Ct))!.Epoch);
        await using var resumed = await restored.ResumeRunAsync("run-1", Step.Ct);
        Assert.Equal(100_000, (await resumed.DoAsync(StepEffect.Read, _ => "")).Length);
        var keys = new HashSet<string>();
        while (resumed.Replaying)
            keys.Add(await resumed.DoAsync(StepEffect.Idempotent, step => step.Key));

        // A step in doubt at the backup's moment is asked for by the key it was begun with; the one after it is new.
        await resumed.DoAsync(StepEffect.Idempotent, step => step.Key);
        var key = await resumed.DoAsync(StepEffect.Idempotent, step => step.Key);
        Assert.DoesNotContain(key.Split('/')[1], keys.Select(old => old.Split('/')[1]));

        restored = await other.ReopenAsync();
        Assert.Equal(3, (await restored.GetRunAsync("run-1", Step.Ct))!.Epoch);

        async Task<int> GoOnAsync()
        {
            var steps = 0;
            for (; !stop.IsCancellationRequested; steps++)
                await run.DoAsync(StepEffect.Idempotent, step => step.Key);
            return steps;
        }
    }
}
