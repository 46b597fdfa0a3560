using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Runs;

public class RunTests
{
    [Fact]
    public async Task Starting_twice_is_one_run_and_another_input_is_refused()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var first = await journal.StartAsync("job", """{"a":1}""");
        await using var second = await journal.StartAsync("job", """{"a":1}""");

        Assert.True(first.Created);
        Assert.False(second.Created);
        await Assert.ThrowsAsync<LeaseLostException>(() => second.DoAsync(StepEffect.Pure, _ => 1));
        Assert.Equal(1, await first.DoAsync(StepEffect.Pure, _ => 1));
        await Assert.ThrowsAsync<RunConflictException>(() => journal.StartAsync("job", """{"a":2}"""));
        await Assert.ThrowsAsync<ArgumentException>(() => journal.StartAsync("bad", "{"));
    }

    [Fact]
    public async Task A_claim_stops_the_execution_before_it()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var stale = await journal.StartAsync();
        var hanging = stale.StepAsync(
            Step.Async<int>(StepEffect.Reattach, async (_, ct) =>
            {
                await Task.Delay(Timeout.Infinite, ct);
                return 0;
            }),
            Step.Ct);
        await using var owner = await journal.ResumeRunAsync("run-1", Step.Ct);

        await Assert.ThrowsAsync<LeaseLostException>(() => hanging);
        await Assert.ThrowsAsync<LeaseLostException>(() => stale.DoAsync(StepEffect.Pure, _ => 1));
        await Assert.ThrowsAsync<LeaseLostException>(() => stale.CompleteAsync("1", Step.Ct));
        Assert.Equal(2, await owner.DoAsync(StepEffect.Reattach, _ => 2));
        await owner.CompleteAsync("2", Step.Ct);
    }

    [Fact]
    public async Task A_stale_owner_is_refused_by_the_file_itself()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        file.Execute("UPDATE run SET epoch = 7");

        var error = await Assert.ThrowsAsync<LeaseLostException>(() => run.DoAsync(StepEffect.Idempotent, _ => 1));

        Assert.Contains("epoch 7", error.Message, StringComparison.Ordinal);
        Assert.True(run.Stopping.IsCancellationRequested);
        Assert.Empty(await journal.ListStepsAsync("run-1", Step.Ct));
    }

    [Fact]
    public async Task Ends_are_kept_and_final()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var done = await journal.StartAsync("done");
        await done.CompleteAsync("""{"ok":true}""", Step.Ct);
        await using var failed = await journal.StartAsync("failed");
        await failed.FailAsync(new RunError("git", "push was rejected"), Step.Ct);
        await using var open = await journal.StartAsync("open");
        journal = await file.ReopenAsync();

        Assert.Equal("""{"ok":true}""", (await journal.GetRunAsync("done", Step.Ct))!.ResultJson);
        Assert.Equal("push was rejected", (await journal.GetRunAsync("failed", Step.Ct))!.Error!.Message);
        Assert.Null(await journal.GetRunAsync("nobody", Step.Ct));
        Assert.Equal("open", Assert.Single(await journal.ListRunsAsync(RunFilter.Open, Step.Ct)).Id);
        Assert.Equal(["open", "failed", "done"], (await journal.ListRunsAsync(null, Step.Ct)).Select(run => run.Id));
        await Assert.ThrowsAsync<RunConflictException>(() => journal.ResumeRunAsync("done", Step.Ct));
        await Assert.ThrowsAsync<RunNotFoundException>(() => journal.ResumeRunAsync("nobody", Step.Ct));
    }

    [Fact]
    public async Task Runs_are_listed_in_pages_by_method_state_and_time()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        for (var i = 0; i < 5; i++)
            await using (var run = await journal.StartAsync($"run-{i}"))
            {
                if (i % 2 == 0) await run.CompleteAsync("1", Step.Ct);
            }

        Assert.Equal(["run-4", "run-3"], await IdsAsync(new RunFilter { Limit = 2 }));
        Assert.Equal(["run-2", "run-1"], await IdsAsync(new RunFilter { Limit = 2, OlderThan = "run-3" }));
        Assert.Empty(await IdsAsync(new RunFilter { OlderThan = "run-0" }));
        Assert.Empty(await IdsAsync(new RunFilter { OlderThan = "nobody" }));
        Assert.Equal(["run-2", "run-0"], await IdsAsync(new RunFilter { State = RunState.Completed, OlderThan = "run-4" }));
        Assert.Empty(await IdsAsync(new RunFilter { Method = "other" }));
        var third = (await journal.GetRunAsync("run-3", Step.Ct))!.CreatedAt;
        Assert.Equal(["run-4", "run-3"], await IdsAsync(new RunFilter { Since = third }));
        Assert.Equal(["run-2", "run-1", "run-0"], await IdsAsync(new RunFilter { Until = third }));

        async Task<IEnumerable<string>> IdsAsync(RunFilter filter) => (await journal.ListRunsAsync(filter, Step.Ct)).Select(r => r.Id);
    }

    [Fact]
    public async Task Cancelling_reaches_a_live_step_and_a_run_resumed_later()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        var hanging = run.StepAsync(
            Step.Async<int>(StepEffect.Reattach, async (_, ct) =>
            {
                await Task.Delay(Timeout.Infinite, ct);
                return 0;
            }),
            Step.Ct);
        Assert.True(await journal.CancelRunAsync("run-1", Step.Ct));
        await Assert.ThrowsAsync<RunCancelledException>(() => hanging);

        journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        await Assert.ThrowsAsync<RunCancelledException>(() => resumed.DoAsync(StepEffect.Pure, _ => 1));
        await resumed.EndCancelledAsync(Step.Ct);

        Assert.Equal(RunState.Cancelled, (await journal.GetRunAsync("run-1", Step.Ct))!.State);
        Assert.False(await journal.CancelRunAsync("run-1", Step.Ct));
    }

    [Fact]
    public async Task Cancelling_a_run_that_nobody_executes_ends_it()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
        }

        var journal = await file.ReopenAsync();
        await journal.CancelRunAsync("run-1", Step.Ct);

        Assert.Equal(RunState.Cancelled, (await journal.GetRunAsync("run-1", Step.Ct))!.State);
    }
}
