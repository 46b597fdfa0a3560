using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Runs;

public class ReplayReportTests
{
    [Fact]
    public async Task Stored_runs_tell_whether_todays_code_may_take_them_over()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync("done"))
        {
            await ExecuteAsync(run, ["clone", "test", "push"]);
            await run.CompleteAsync("1", Step.Ct);
        }

        await using (var run = await journal.StartAsync("open"))
            await ExecuteAsync(run, ["clone", "test"]);
        var before = await journal.ReadEventsAsync("done", 0, Step.Ct).ToListAsync(Step.Ct);

        Assert.Equal(new ReplayReport(3, true, null, null), await ReplayAsync("done", "clone", "test", "push"));
        Assert.Equal(new ReplayReport(2, false, "3", null), await ReplayAsync("open", "clone", "test", "push"));
        var changed = await ReplayAsync("done", "clone", "lint", "push");
        Assert.Equal((false, "2"), (changed.IsCompatible, changed.NextPosition));
        Assert.Throws<RunDivergedException>(changed.ThrowIfDiverged);
        Assert.Equal("3", (await ReplayAsync("done", "clone", "test")).NextPosition);

        Assert.Equal(before, await journal.ReadEventsAsync("done", 0, Step.Ct).ToListAsync(Step.Ct));
        Assert.Equal(RunState.Running, (await journal.GetRunAsync("open", Step.Ct))!.State);

        Task<ReplayReport> ReplayAsync(string id, params string[] steps) =>
            journal.ReplayAsync(id, (run, _) => ExecuteAsync(run, steps, "must not run"), Step.Ct);
    }

    private static async Task ExecuteAsync(JournalRun run, string[] steps, string? forbidden = null)
    {
        foreach (var name in steps)
            await run.DoAsync(StepEffect.Unsafe, _ => forbidden is null ? 1 : throw new InvalidOperationException(forbidden), name);
    }
}
