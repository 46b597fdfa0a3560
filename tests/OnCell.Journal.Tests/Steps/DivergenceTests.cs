using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Steps;

public class DivergenceTests
{
    [Fact]
    public async Task A_changed_argument_stops_the_run_and_shows_both_sides()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
            await run.StepAsync(Command("npm test", timeout: "30"), Step.Ct);
        var journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);

        var error = await Assert.ThrowsAsync<RunDivergedException>(
            () => resumed.StepAsync(Command("npm run build", timeout: "60"), Step.Ct));

        Assert.Equal("1", error.Position);
        Assert.Contains("-   \"command\": \"npm test\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("+   \"command\": \"npm run build\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("Agent.cs:42", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RunDivergedException>(() => resumed.DoAsync(StepEffect.Pure, _ => 1));
        var info = (await journal.GetRunAsync("run-1", Step.Ct))!;
        Assert.Equal(RunState.Diverged, info.State);
        Assert.Equal(error.Message, info.Error!.Message);
        Assert.Empty(await journal.ListRunsAsync(RunFilter.Open, Step.Ct));
    }

    [Fact]
    public async Task The_line_of_the_code_that_asked_is_found_where_nobody_named_it()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
            await run.DoAsync(StepEffect.Pure, _ => 1, "first");
        await using var resumed = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);
        await Task.Yield();

        var error = await Assert.ThrowsAsync<RunDivergedException>(() => AgentAsync(resumed));

        Assert.Matches(@"asked for at (DivergenceTests\.cs:\d+|Steps\.cs:\d+)\)", error.Message);
        Assert.Contains("- name: first", error.Message, StringComparison.Ordinal);
        Assert.Contains("+ name: second", error.Message, StringComparison.Ordinal);

        static async Task AgentAsync(JournalRun run)
        {
            await Task.Yield();
            await run.StepAsync(Step.Of(StepEffect.Pure, _ => 1, "second"), Step.Ct);
        }
    }

    [Fact]
    public async Task A_volatile_argument_may_change()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
            await run.StepAsync(Command("npm test", timeout: "30"), Step.Ct);
        await using var resumed = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);

        Assert.Equal("npm test", await resumed.StepAsync(Command("npm test", timeout: "60"), Step.Ct));
    }

    [Fact]
    public async Task Reordered_and_renamed_steps_stop_the_run_before_anything_is_done()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            await run.DoAsync(StepEffect.Pure, _ => 1, "first");
            await run.DoAsync(StepEffect.Pure, _ => 2, "second");
        }

        var journal = await file.ReopenAsync();
        foreach (var name in new[] { "second", "renamed" })
        {
            await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
            await Assert.ThrowsAsync<RunDivergedException>(
                () => resumed.DoAsync<int>(StepEffect.Unsafe, _ => throw new InvalidOperationException("must not run"), name));
        }

        Assert.Equal(2, (await journal.ListStepsAsync("run-1", Step.Ct)).Count);
    }

    [Fact]
    public async Task Ending_with_history_unread_is_a_divergence_and_right_code_may_resume_it()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            await run.DoAsync(StepEffect.Pure, _ => 1, "first");
            await run.DoAsync(StepEffect.Pure, _ => 2, "second");
        }

        var journal = await file.ReopenAsync();
        await using (var wrong = await journal.ResumeRunAsync("run-1", Step.Ct))
        {
            await wrong.DoAsync(StepEffect.Pure, _ => 1, "first");
            var error = await Assert.ThrowsAsync<RunDivergedException>(() => wrong.CompleteAsync("1", Step.Ct));
            Assert.Equal("2", error.Position);
            Assert.EndsWith(
                "--- journal\n+++ code\n  1 test first\n- 2 test second", error.Message.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }

        await using var right = await journal.ResumeRunAsync("run-1", Step.Ct);
        Assert.Equal(1, await right.DoAsync(StepEffect.Pure, _ => -1, "first"));
        Assert.Equal(2, await right.DoAsync(StepEffect.Pure, _ => -1, "second"));
        await right.CompleteAsync("3", Step.Ct);
        Assert.Equal("3", (await journal.GetRunAsync("run-1", Step.Ct))!.ResultJson);
    }

    [Theory]
    [InlineData(0, 2, "without asking for 2 steps, from 1 (test s1) to 2 (test s2), which the journal holds; it asked for none.", "- 1 test s1\n- 2 test s2")]
    [InlineData(1, 5, "without asking for 4 steps, from 2 (test s2) to 5 (test s5), which the journal holds; the last that it asked for is 1 (test s1).",
        "  1 test s1\n- 2 test s2\n- (2 more)\n- 5 test s5")]
    [InlineData(2, 3, "without asking for step 3 (test s3), which the journal holds; the last that it asked for is 2 (test s2).", "  2 test s2\n- 3 test s3")]
    public async Task A_missing_tail_is_told_with_the_last_steps_of_both_sides(int asked, int held, string sentence, string difference)
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            for (var i = 1; i <= held; i++)
                await run.DoAsync(StepEffect.Pure, _ => i, $"s{i}");
        }

        await using var wrong = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);
        for (var i = 1; i <= asked; i++)
            await wrong.DoAsync(StepEffect.Pure, _ => i, $"s{i}");
        var error = await Assert.ThrowsAsync<RunDivergedException>(() => wrong.CompleteAsync("1", Step.Ct));

        Assert.Equal($"{asked + 1}", error.Position);
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("--- journal\n+++ code\n" + difference, error.Message.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_with_history_unread_is_a_divergence_that_shows_the_failure()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            await run.DoAsync(StepEffect.Pure, _ => 1, "first");
            await run.DoAsync(StepEffect.Pure, _ => 2, "second");
        }

        var journal = await file.ReopenAsync();
        await using (var wrong = await journal.ResumeRunAsync("run-1", Step.Ct))
        {
            await wrong.DoAsync(StepEffect.Pure, _ => 1, "first");
            var error = await Assert.ThrowsAsync<RunDivergedException>(() => wrong.FailAsync(new RunError("Oops", "new code"), Step.Ct));
            Assert.EndsWith("  1 test first\n- 2 test second\n+ Oops: new code", error.Message.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }

        Assert.Equal(RunState.Diverged, (await journal.GetRunAsync("run-1", Step.Ct))!.State);
        await using var right = await journal.ResumeRunAsync("run-1", Step.Ct);
        await right.GiveUpAsync(new RunError("Gone", "no cell to run it in"), Step.Ct);
        Assert.Equal(RunState.Failed, (await journal.GetRunAsync("run-1", Step.Ct))!.State);
    }

    [Fact]
    public async Task A_branch_that_another_branch_s_failure_left_behind_is_no_divergence()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            await run.Branch("slow").DoAsync(StepEffect.Pure, _ => 1, "first");
            await run.DoAsync(StepEffect.Pure, _ => 2, "second");
        }

        var journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        await resumed.DoAsync(StepEffect.Pure, _ => 2, "second");
        await resumed.FailAsync(new RunError("Oops", "the fast branch failed"), Step.Ct);
        Assert.Equal(RunState.Failed, (await journal.GetRunAsync("run-1", Step.Ct))!.State);
    }

    private static StepSpec<string> Command(string command, string timeout) =>
        Step.Of(
            StepEffect.Idempotent, _ => command, "command", new StepArgument("timeout", timeout, Volatile: true), new("command", command))
        with
        { Source = "Agent.cs:42" };
}
