using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Steps;

/// <summary>A step was begun by an earlier execution and has no end in the journal.</summary>
public class InDoubtTests
{
    [Theory]
    [InlineData(StepEffect.Pure)]
    [InlineData(StepEffect.Read)]
    public async Task What_has_no_effect_is_simply_run_again(StepEffect effect)
    {
        await using var file = new TestJournal();
        await file.LeaveInDoubtAsync(effect);
        await using var run = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);

        Assert.Equal("again", await run.DoAsync(effect, step => step.InDoubt ? "doubt" : "again"));
    }

    [Theory]
    [InlineData(StepEffect.Idempotent)]
    [InlineData(StepEffect.Reattach)]
    public async Task The_body_is_called_in_doubt_with_the_key_of_the_attempt_in_doubt(StepEffect effect)
    {
        await using var file = new TestJournal();
        var key = "";
        await file.LeaveInDoubtAsync(effect, begun: step => key = step.Key);
        var journal = await file.ReopenAsync();
        await using var run = await journal.ResumeRunAsync("run-1", Step.Ct);

        var seen = await run.DoAsync(effect, step =>
        {
            step.MarkReattached();
            step.Annotate("holder", "guest");
            return $"{step.InDoubt} {step.Attempt} {step.Key}";
        });

        Assert.Equal($"True 1 {key}", seen);
        Assert.StartsWith("run-1/", key, StringComparison.Ordinal);
        var info = Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct));
        Assert.True(info.Reattached);
        Assert.Equal("guest", info.Annotations["holder"]);
        Assert.Equal((1, StepState.Completed, 2L), (info.Attempts, info.State, info.Epoch));
    }

    [Fact]
    public async Task An_interrupted_attempt_is_followed_by_one_with_a_new_key()
    {
        await using var file = new TestJournal();
        var key = "";
        await file.LeaveInDoubtAsync(StepEffect.Reattach, begun: step => key = step.Key);
        var journal = await file.ReopenAsync();
        await using var run = await journal.ResumeRunAsync("run-1", Step.Ct);

        var second = await run.DoAsync(
            StepEffect.Reattach,
            step => step.InDoubt ? throw new StepInterruptedException("the sandbox died") : step.Key);

        Assert.Equal(key + "#2", second);
        Assert.Equal(2, Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct)).Attempts);
    }

    [Fact]
    public async Task A_step_that_is_always_interrupted_fails_in_the_end()
    {
        await using var file = new TestJournal { Options = new JournalOptions { MaxInterruptions = 2 } };
        await using var run = await (await file.ReopenAsync()).StartAsync();
        var calls = 0;

        await Assert.ThrowsAsync<StepFailedException>(() => run.DoAsync<int>(StepEffect.Reattach, _ =>
        {
            calls++;
            throw new StepInterruptedException("out of memory");
        }));

        Assert.Equal(3, calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_verifiable_step_asks_its_probe_first(bool done)
    {
        await using var file = new TestJournal();
        await file.LeaveInDoubtAsync(StepEffect.Verifiable);
        await using var run = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);
        var step = Step.Of(StepEffect.Verifiable, step => $"pushed by attempt {step.Attempt}") with
        {
            Probe = (_, _) => Task.FromResult(done ? ProbeResult<string>.Done("found") : ProbeResult<string>.NotDone()),
        };

        Assert.Equal(done ? "found" : "pushed by attempt 2", await run.StepAsync(step, Step.Ct));
    }

    [Fact]
    public async Task An_unsafe_step_waits_for_a_decision_even_across_restarts()
    {
        await using var file = new TestJournal();
        await file.LeaveInDoubtAsync(StepEffect.Unsafe);
        var journal = await file.ReopenAsync();
        await using (var run = await journal.ResumeRunAsync("run-1", Step.Ct))
        {
            var waiting = run.DoAsync(StepEffect.Unsafe, _ => "again");
            await UntilParkedAsync(journal);
            Assert.Equal(RunState.NeedsDecision, (await journal.GetRunAsync("run-1", Step.Ct))!.State);
            await file.CloseAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        }

        journal = await file.ReopenAsync();
        Assert.Single(await journal.ListRunsAsync(RunFilter.Open with { State = RunState.NeedsDecision }, Step.Ct));
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        var parked = resumed.DoAsync(StepEffect.Unsafe, step => $"attempt {step.Attempt}");
        await journal.DecideAsync("run-1", "1", new StepDecision.RunAgain(), Step.Ct);

        Assert.Equal("attempt 2", await parked);
        Assert.Equal(RunState.Running, (await journal.GetRunAsync("run-1", Step.Ct))!.State);
        await Assert.ThrowsAsync<RunConflictException>(
            () => journal.DecideAsync("run-1", "1", new StepDecision.RunAgain(), Step.Ct));
    }

    [Fact]
    public async Task A_person_may_skip_a_step_or_fail_it_without_anyone_executing_the_run()
    {
        await using var file = new TestJournal();
        foreach (var (id, decision) in new (string, StepDecision)[]
                 { ("skipped", new StepDecision.Skip("\"merged by hand\"")), ("failed", new StepDecision.Fail("do not deploy")) })
        {
            await file.LeaveInDoubtAsync(StepEffect.Unsafe, id);
            var journal = await file.ReopenAsync();
            var parking = await journal.ResumeRunAsync(id, Step.Ct);
            var waiting = parking.DoAsync(StepEffect.Unsafe, _ => "again");
            await UntilParkedAsync(journal, id);
            await parking.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
            await journal.DecideAsync(id, "1", decision, Step.Ct);
        }

        var reopened = await file.ReopenAsync();
        await using var skipped = await reopened.ResumeRunAsync("skipped", Step.Ct);
        Assert.Equal("merged by hand", await skipped.DoAsync(StepEffect.Unsafe, _ => "again"));
        await using var failed = await reopened.ResumeRunAsync("failed", Step.Ct);
        var error = await Assert.ThrowsAsync<StepFailedException>(() => failed.DoAsync(StepEffect.Unsafe, _ => "again"));
        Assert.Equal("do not deploy", error.Error.Message);
    }

    [Fact]
    public async Task A_reattached_step_may_be_parked_when_it_was_interrupted()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        var step = Step.Of(
            StepEffect.Reattach, step => step.Attempt == 1 ? throw new StepInterruptedException("host rebooted") : "deployed") with
        { WhenInterrupted = InterruptedRule.Park };

        var waiting = run.StepAsync(step, Step.Ct);
        await UntilParkedAsync(journal);
        await journal.DecideAsync("run-1", "1", new StepDecision.RunAgain(), Step.Ct);

        Assert.Equal("deployed", await waiting);
    }

    private static async Task UntilParkedAsync(DurableJournal journal, string id = "run-1")
    {
        await foreach (var entry in journal.ReadEventsAsync(id, 0, Step.Ct))
        {
            if (entry.Type == JournalEventTypes.StepParked)
                return;
        }
    }
}
