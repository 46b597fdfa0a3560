using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Faults;

public class RaceTests
{
    [Fact]
    public async Task A_signal_a_timeout_and_a_cancellation_at_once_leave_one_outcome_that_is_kept()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        var outcomes = new Dictionary<string, string>();
        for (var i = 0; i < 60; i++)
        {
            var id = $"run-{i}";
            var run = await journal.StartAsync(id);
            var waiting = OutcomeAsync(run);
            await Task.WhenAll(
                Task.Run(() => journal.SignalAsync(id, "go", "1", null, Step.Ct), Step.Ct),
                Task.Run(() => i % 2 == 0 ? journal.CancelRunAsync(id, Step.Ct) : Task.FromResult(true), Step.Ct));
            outcomes[id] = await waiting;
            await run.DisposeAsync();
        }

        journal = await file.ReopenAsync();
        foreach (var (id, outcome) in outcomes)
        {
            var step = Assert.Single(await journal.ListStepsAsync(id, Step.Ct));
            Assert.Equal(outcome == "cancelled" ? StepState.Started : StepState.Completed, step.State);
            if ((await journal.GetRunAsync(id, Step.Ct))!.CancelRequested)
                continue;
            await using var resumed = await journal.ResumeRunAsync(id, Step.Ct);
            Assert.Equal(outcome, await OutcomeAsync(resumed));
        }
    }

    [Fact]
    public async Task Two_claims_at_once_leave_one_owner()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var first = await journal.StartAsync();
        var claims = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => journal.ResumeRunAsync("run-1", Step.Ct), Step.Ct)));

        var owners = 0;
        foreach (var claim in claims)
        {
            try
            {
                await claim.DoAsync(StepEffect.Unsafe, _ => 1);
                owners++;
            }
            catch (LeaseLostException)
            {
                // One of the fifteen who were too early.
            }
        }

        Assert.Equal(1, owners);
        Assert.Equal(17, (await journal.GetRunAsync("run-1", Step.Ct))!.Epoch);
    }

    private static async Task<string> OutcomeAsync(JournalRun run)
    {
        try
        {
            var signal = await run.WaitForSignalAsync<int>("go", TimeSpan.FromMilliseconds(1), Step.Ct);
            return signal.Received ? "signal" : "timeout";
        }
        catch (RunCancelledException)
        {
            return "cancelled";
        }
    }
}
