using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Steps;

/// <summary>Bad input from code: each says what is wrong, in which run of which file, and the journal goes on.</summary>
public class BadStepTests
{
    [Fact]
    public async Task A_branch_that_opens_itself_and_a_step_that_asks_for_itself_are_stopped()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();

        var branch = await Assert.ThrowsAsync<ArgumentException>(() => BranchAsync(run));
        Assert.Contains($"run run-1 of journal {file.File}", branch.Message, StringComparison.Ordinal);
        Assert.Contains("open itself", branch.Message, StringComparison.Ordinal);

        var step = await Assert.ThrowsAsync<StepFailedException>(() => StepAsync(run));
        Assert.Contains("open itself", step.Message, StringComparison.Ordinal);
        Assert.False(journal.IsFaulted);
        Assert.NotEmpty(await journal.ListStepsAsync("run-1", Step.Ct));

        static async Task BranchAsync(StepScope scope)
        {
            await Task.Yield();
            await BranchAsync(scope.Branch("again"));
        }

        static Task<int> StepAsync(StepScope scope) => scope.StepAsync(
            Step.Async(StepEffect.Read, async (step, _) =>
            {
                await Task.Yield();
                return await StepAsync(step);
            }),
            Step.Ct);
    }

    [Fact]
    public async Task A_body_that_throws_a_megabyte_is_kept_in_part()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();

        await Assert.ThrowsAsync<StepFailedException>(
            () => run.DoAsync<int>(StepEffect.Pure, _ => throw new InvalidOperationException(new string('e', 1_000_000))));

        var error = Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct)).Error!;
        Assert.True(error.Message.Length < 20_000);
        Assert.Contains("(1,000,000 characters)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_cannot_be_read_any_more_names_file_run_and_step_and_fails_nothing()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
            await run.DoAsync(StepEffect.Pure, _ => "text");
        var journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);

        var error = await Assert.ThrowsAsync<JournalException>(() => resumed.DoAsync(StepEffect.Pure, _ => 1));

        Assert.Contains($"run run-1 of journal {file.File} step 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(StepState.Completed, Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct)).State);
    }

    [Fact]
    public async Task Memory_and_signals_have_bounds()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => run.Memory.SetAsync(new string('k', 1_001), 1, Step.Ct));
        var failed = await Assert.ThrowsAsync<StepFailedException>(() => run.DoAsync(StepEffect.Pure, step =>
        {
            step.SetMemory("key", "{");
            return 1;
        }));
        Assert.Contains("not JSON", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => journal.SignalAsync("run-1", new string('n', 1_025), "1", null, Step.Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => journal.SignalAsync("run-1", "n", "1", new string('i', 201), Step.Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => run.DelayAsync(TimeSpan.MaxValue, Step.Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => run.WaitForSignalAsync<int>("n", TimeSpan.MaxValue, Step.Ct));

        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(_ => journal.SignalAsync("run-1", "flood", "1", null, Step.Ct)));
        var flood = await Assert.ThrowsAsync<RunConflictException>(() => journal.SignalAsync("run-1", "flood", "1", null, Step.Ct));
        Assert.Contains("10,000 signals", flood.Message, StringComparison.Ordinal);
        Assert.True((await run.WaitForSignalAsync<int>("flood", null, Step.Ct)).Received);
        Assert.True(await journal.SignalAsync("run-1", "flood", "1", null, Step.Ct));
    }
}
