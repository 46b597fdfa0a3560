using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Steps;

/// <summary>An execution is told to stop while steps are live: what they throw then is not the steps' own failure.</summary>
public class StopTests
{
    [Fact]
    public async Task A_step_whose_sub_step_finds_the_run_stopped_is_in_doubt_and_not_failed()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        var run = await journal.StartAsync();
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var step = run.StepAsync(
            Step.Async(StepEffect.Idempotent, async (parent, _) =>
            {
                begun.SetResult();
                await goOn.Task;
                return await parent.DoAsync(StepEffect.Pure, _ => 1);
            }),
            Step.Ct);
        await begun.Task;
        await run.DisposeAsync();
        goOn.SetResult();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => step);

        Assert.Equal(StepState.Started, Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct)).State);
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        Assert.Equal(2, await resumed.DoAsync(StepEffect.Idempotent, _ => 2));
    }

    [Fact]
    public async Task A_body_that_fails_because_it_was_told_to_stop_has_not_failed()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        var run = await journal.StartAsync();
        var begun = new TaskCompletionSource();
        var step = run.StepAsync(
            Step.Async<int>(StepEffect.Reattach, async (_, ct) =>
            {
                begun.SetResult();
                var stopped = new TaskCompletionSource();
                await using var registration = ct.Register(stopped.SetResult);
                await stopped.Task;
                throw new IOException("the connection was closed");
            }),
            Step.Ct);
        await begun.Task;
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        await Assert.ThrowsAsync<LeaseLostException>(() => step);

        Assert.True(await resumed.DoAsync(StepEffect.Reattach, execution => execution.InDoubt));
    }

    [Fact]
    public async Task A_run_whose_history_cannot_be_loaded_is_nobodys_and_can_be_cancelled_and_deleted()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync())
            await run.DoAsync(StepEffect.Pure, _ => 1);
        file.Execute("""
            INSERT INTO log(seq, run_no, type, position, attempt, epoch, time, effect, kind, name)
            SELECT 1000, run_no, type, position, attempt, epoch, time, effect, kind, name FROM log WHERE type = 11
            """);
        journal = await file.ReopenAsync();
        await Assert.ThrowsAsync<JournalCorruptException>(() => journal.ResumeRunAsync("run-1", Step.Ct));

        // Nor is the journal to blame for it.
        await Assert.ThrowsAsync<JournalCorruptException>(() => journal.ForkRunAsync("run-1", "fork", "1", Step.Ct));
        Assert.False(journal.IsFaulted);
        Assert.True(await journal.CancelRunAsync("run-1", Step.Ct));
        await journal.DeleteRunAsync("run-1", Step.Ct);
        await using var other = await journal.StartAsync("other");
        Assert.True(other.Created);
    }

    [Fact]
    public async Task A_decision_made_while_the_run_is_being_resumed_is_never_missed()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await file.LeaveInDoubtAsync(StepEffect.Unsafe);
        for (var i = 0; i < 40; i++)
        {
            journal = await file.ReopenAsync();
            var parking = await journal.ResumeRunAsync("run-1", Step.Ct);
            var waiting = parking.DoAsync(StepEffect.Unsafe, _ => 0);
            await foreach (var entry in journal.ReadEventsAsync("run-1", 0, Step.Ct))
            {
                if (entry.Type == JournalEventTypes.StepParked && (await journal.ListStepsAsync("run-1", Step.Ct))[0].State == StepState.NeedsDecision)
                    break;
            }

            await parking.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);

            var resuming = Task.Run(() => journal.ResumeRunAsync("run-1", Step.Ct), Step.Ct);
            await journal.DecideAsync("run-1", "1", new StepDecision.RunAgain(), Step.Ct);
            var run = await resuming;
            using var began = new CancellationTokenSource();
            var step = run.StepAsync(
                Step.Async<int>(StepEffect.Unsafe, async (_, ct) =>
                {
                    await began.CancelAsync();
                    await Task.Delay(Timeout.Infinite, ct);
                    return 0;
                }),
                Step.Ct);
            await Task.WhenAny(step, Task.Delay(Timeout.Infinite, began.Token).WaitAsync(TimeSpan.FromMinutes(1), Step.Ct));
            Assert.True(began.IsCancellationRequested, "the decision was missed: the step still waits for it");
        }
    }
}
