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
