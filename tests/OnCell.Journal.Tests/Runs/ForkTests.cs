using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journal.Tests.Runs;

public class ForkTests
{
    private const int Steps = 6;

    [Fact]
    public async Task A_fork_at_every_step_replays_what_is_before_and_leaves_the_parent_as_it_was()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var parent = await journal.StartAsync("parent");
        var keys = await ExecuteAsync(parent);
        await parent.CompleteAsync("1", Step.Ct);
        var before = Dump(file, "parent");

        for (var at = 1; at <= Steps; at++)
        {
            await journal.ForkRunAsync("parent", $"fork-{at}", $"{at}", Step.Ct);
            await using var fork = await journal.ResumeRunAsync($"fork-{at}", Step.Ct);
            var forked = await ExecuteAsync(fork);
            await fork.CompleteAsync("1", Step.Ct);

            Assert.Equal(keys.Take(at - 1), forked.Take(at - 1));
            Assert.Empty(keys.Skip(at - 1).Intersect(forked.Skip(at - 1)));
            Assert.Equal("parent", (await journal.GetRunAsync($"fork-{at}", Step.Ct))!.ForkedFrom);
        }

        Assert.Equal(before, Dump(file, "parent"));
        await Assert.ThrowsAsync<RunConflictException>(() => journal.ForkRunAsync("parent", "fork-1", "1", Step.Ct));
        await Assert.ThrowsAsync<RunConflictException>(() => journal.ForkRunAsync("parent", "other", "99", Step.Ct));
    }

    [Fact]
    public async Task A_reset_keeps_the_id_and_what_the_run_was()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var live = await journal.StartAsync();
        var keys = await ExecuteAsync(live);

        var oldId = await journal.ResetRunAsync("run-1", "4", Step.Ct);

        await Assert.ThrowsAsync<LeaseLostException>(() => live.DoAsync(StepEffect.Pure, _ => 1));
        Assert.Equal(RunState.Cancelled, (await journal.GetRunAsync(oldId, Step.Ct))!.State);
        Assert.Equal(Steps, (await journal.ListStepsAsync(oldId, Step.Ct)).Count);
        await using var again = await journal.ResumeRunAsync("run-1", Step.Ct);
        var done = await ExecuteAsync(again);
        Assert.Equal(keys.Take(3), done.Take(3));
        Assert.NotEqual(keys[3], done[3]);
    }

    [Fact]
    public async Task A_fork_before_a_sub_step_does_the_step_around_it_anew_and_keeps_its_finished_siblings()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var parent = await journal.StartAsync("parent"))
            Assert.Equal("1 2", await WithChildrenAsync(parent, "1", "2"));

        await journal.ForkRunAsync("parent", "fork", "1.2", Step.Ct);
        await using var fork = await journal.ResumeRunAsync("fork", Step.Ct);
        Assert.Equal("1 new", await WithChildrenAsync(fork, "new", "new"));

        static Task<string> WithChildrenAsync(JournalRun run, string first, string second) => run.StepAsync(
            Step.Async(StepEffect.Idempotent, async (step, _) =>
                $"{await step.DoAsync(StepEffect.Unsafe, _ => first)} {await step.DoAsync(StepEffect.Unsafe, _ => second)}"),
            Step.Ct);
    }

    [Fact]
    public async Task A_fork_keeps_the_files_of_its_history_when_the_parent_is_deleted()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var parent = await journal.StartAsync("parent"))
        {
            await KeepAsync(parent);
            await parent.DoAsync(StepEffect.Read, _ => new string('x', 100_000));
            await parent.DoAsync(StepEffect.Read, _ => 1);
            await parent.CompleteAsync("1", Step.Ct);
        }

        await journal.ForkRunAsync("parent", "fork", "3", Step.Ct);
        await journal.DeleteRunAsync("parent", Step.Ct);
        await journal.PruneAsync(new RetentionPolicy { ValueFileGrace = TimeSpan.FromSeconds(-1) }, Step.Ct);

        await using var fork = await journal.ResumeRunAsync("fork", Step.Ct);
        await using (var content = journal.OpenFile(await KeepAsync(fork)))
            await content.CopyToAsync(Stream.Null, Step.Ct);
        Assert.Equal(100_000, (await fork.DoAsync(StepEffect.Read, _ => "")).Length);

        static Task<KeptFile> KeepAsync(JournalRun run) =>
            run.StepAsync(Step.Async(StepEffect.Read, (step, ct) => step.KeepAsync(new Zeros(5_000), ct)), Step.Ct);
    }

    [Fact]
    public async Task A_reset_run_has_the_signals_that_were_sent_to_its_id()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync())
        {
            foreach (var payload in new[] { "1", "2", "3" })
                await journal.SignalAsync("run-1", "go", payload, "hook-" + payload, Step.Ct);
            Assert.Equal(1, (await run.WaitForSignalAsync<int>("go", null, Step.Ct)).Payload);
            Assert.Equal(2, (await run.WaitForSignalAsync<int>("go", null, Step.Ct)).Payload);
        }

        // Twice: the second is a copy of a copy, whose records have numbers of their own.
        for (var resets = 0; resets < 2; resets++)
        {
            await journal.ResetRunAsync("run-1", "2", Step.Ct);
            await using var again = await journal.ResumeRunAsync("run-1", Step.Ct);
            for (var i = 1; i <= 3; i++)
                Assert.Equal(i, (await again.WaitForSignalAsync<int>("go", TimeSpan.FromMinutes(5), Step.Ct)).Payload);
            Assert.False(await journal.SignalAsync("run-1", "go", "3", "hook-3", Step.Ct));
        }
    }

    private static async Task<List<string>> ExecuteAsync(JournalRun run)
    {
        // An argument drawn by chance: a fork draws the same, or its history would not fit.
        var ticket = run.NewGuid().ToString();
        var keys = new List<string>();
        for (var i = 0; i < Steps; i++)
        {
            keys.Add(await run.StepAsync(
                Step.Of(StepEffect.Unsafe, step => step.Key, "step", new StepArgument("ticket", ticket)), Step.Ct));
        }

        return keys;
    }

    private static string Dump(TestJournal file, string id)
    {
        using var database = SqliteDatabase.Open(file.File, readOnly: true);
        using var rows = database.Prepare("""
            SELECT group_concat(quote(seq) || quote(type) || quote(position) || quote(key) || quote(fingerprint) || quote(value) || quote(time), ';')
            FROM (SELECT * FROM log WHERE run_no = (SELECT no FROM run WHERE id = ?1) ORDER BY seq)
            """);
        rows.Bind(1, id).Step();
        return rows.Text(0)!;
    }
}
