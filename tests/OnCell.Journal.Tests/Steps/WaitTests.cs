using Microsoft.Extensions.Time.Testing;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Steps;

/// <summary>Timers, signals, time and chance.</summary>
public class WaitTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_timer_ends_at_its_stored_time_though_the_process_was_away()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var file = new TestJournal { Options = new JournalOptions { TimeProvider = clock } };
        var journal = await file.ReopenAsync();
        var run = await journal.StartAsync();
        var waiting = run.DelayAsync(TimeSpan.FromHours(2), Step.Ct);
        await UntilAsync(journal, JournalEventTypes.StepStarted);
        Assert.Equal(Noon.AddHours(2), Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct)).NextAttemptAt);
        await file.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);

        // The clock jumps while nobody looks.
        clock.SetUtcNow(Noon.AddHours(3));
        journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        await resumed.DelayAsync(TimeSpan.FromHours(2), Step.Ct);
        Assert.Equal(StepState.Completed, Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct)).State);
    }

    [Fact]
    public async Task A_signal_sent_before_the_wait_or_across_a_restart_is_taken_once_and_in_order()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync())
        {
            Assert.True(await journal.SignalAsync("run-1", "review", "\"first\"", "hook-1", Step.Ct));
            Assert.False(await journal.SignalAsync("run-1", "review", "\"again\"", "hook-1", Step.Ct));
            Assert.Equal("first", (await run.WaitForSignalAsync<string>("review", null, Step.Ct)).Payload);
        }

        journal = await file.ReopenAsync();
        await journal.SignalAsync("run-1", "review", "\"second\"", null, Step.Ct);
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        Assert.Equal("first", (await resumed.WaitForSignalAsync<string>("review", null, Step.Ct)).Payload);
        Assert.Equal("second", (await resumed.WaitForSignalAsync<string>("review", null, Step.Ct)).Payload);

        var waiting = resumed.WaitForSignalAsync<int>("build", null, Step.Ct);
        Assert.False(waiting.IsCompleted);
        await journal.SignalAsync("run-1", "build", "7", null, Step.Ct);
        Assert.Equal(new SignalResult<int>(true, 7), await waiting);
    }

    [Fact]
    public async Task Signals_of_one_name_go_to_different_waiters()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        var waiting = Enumerable.Range(0, 20).Select(_ => run.WaitForSignalAsync<int>("job", null, Step.Ct)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => journal.SignalAsync("run-1", "job", $"{i}", null, Step.Ct)));

        Assert.Equal(Enumerable.Range(0, 20), (await Task.WhenAll(waiting)).Select(signal => signal.Payload).Order());
    }

    [Fact]
    public async Task A_wait_that_timed_out_stays_so_and_the_late_signal_is_the_next_waits()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var file = new TestJournal { Options = new JournalOptions { TimeProvider = clock } };
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync())
        {
            var waiting = run.WaitForSignalAsync<string>("approve", TimeSpan.FromMinutes(1), Step.Ct);
            await UntilAsync(journal, JournalEventTypes.StepStarted);
            while (!waiting.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(31));
                await Task.Yield();
            }

            Assert.False((await waiting).Received);
        }

        journal = await file.ReopenAsync();
        await journal.SignalAsync("run-1", "approve", "\"late\"", null, Step.Ct);
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        Assert.False((await resumed.WaitForSignalAsync<string>("approve", TimeSpan.FromMinutes(1), Step.Ct)).Received);
        Assert.Equal("late", (await resumed.WaitForSignalAsync<string>("approve", TimeSpan.FromMinutes(1), Step.Ct)).Payload);
    }

    [Fact]
    public async Task Time_chance_and_the_first_of_many_are_the_same_in_every_execution()
    {
        await using var file = new TestJournal();
        var seen = new List<string>();
        for (var execution = 0; execution < 3; execution++)
        {
            var journal = await file.ReopenAsync();
            await using var run = execution == 0 ? await journal.StartAsync() : await journal.ResumeRunAsync("run-1", Step.Ct);
            var now = await run.NowAsync(Step.Ct);
            var tasks = new Task[] { new TaskCompletionSource().Task, new TaskCompletionSource().Task, new TaskCompletionSource().Task };
            tasks[2 - execution] = Task.CompletedTask;
            var first = await run.WhenAnyAsync(tasks, Step.Ct);
            seen.Add($"{now:O} {first} {run.NewGuid()} {run.NewGuid()} {run.NewRandom().Next()} {run.Branch("b").NewGuid()}");
        }

        Assert.Single(seen.Distinct());
        Assert.Equal(3, seen[0].Split(' ')[2..5].Distinct().Count());
    }

    [Fact]
    public async Task A_changed_way_is_taken_by_new_runs_and_not_by_those_that_were_past_it()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var old = await journal.StartAsync("old"))
        {
            await old.DoAsync(StepEffect.Pure, _ => 1, "build");
            await old.DoAsync(StepEffect.Pure, _ => 1, "push");
        }

        async Task<string> ExecuteAsync(JournalRun run)
        {
            await run.DoAsync(StepEffect.Pure, _ => 1, "build");
            var changed = await run.PatchedAsync("lint-first", Step.Ct);
            if (changed)
                await run.DoAsync(StepEffect.Pure, _ => 1, "lint");
            await run.DoAsync(StepEffect.Pure, _ => 1, "push");
            return $"{changed} {await run.PatchedAsync("lint-first", Step.Ct)}";
        }

        journal = await file.ReopenAsync();
        await using (var old = await journal.ResumeRunAsync("old", Step.Ct))
        {
            Assert.Equal("False False", await ExecuteAsync(old));
            await old.CompleteAsync("1", Step.Ct);
        }

        await using (var started = await journal.StartAsync("new"))
            Assert.Equal("True True", await ExecuteAsync(started));
        await using (var resumed = await journal.ResumeRunAsync("new", Step.Ct))
        {
            Assert.Equal("True True", await ExecuteAsync(resumed));
            await resumed.CompleteAsync("1", Step.Ct);
        }
    }

    [Fact]
    public async Task Branches_that_ask_for_the_same_change_at_once_share_one_marker()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        for (var i = 0; i < 20; i++)
        {
            await using (var run = await journal.StartAsync($"run-{i}"))
            {
                var branches = Enumerable.Range(0, 16).Select(b => run.Branch($"b{b}")).ToArray();
                Assert.All(await Task.WhenAll(branches.Select(b => Task.Run(() => b.PatchedAsync("change", Step.Ct)))), Assert.True);
            }

            await using var resumed = await journal.ResumeRunAsync($"run-{i}", Step.Ct);
            Assert.True(await resumed.PatchedAsync("change", Step.Ct));
            Assert.Single(await journal.ListStepsAsync($"run-{i}", Step.Ct));
        }
    }

    [Fact]
    public async Task A_clock_set_back_neither_ends_a_timer_early_nor_makes_a_step_of_negative_length()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var file = new TestJournal { Options = new JournalOptions { TimeProvider = clock } };
        var journal = await file.ReopenAsync();
        var run = await journal.StartAsync();
        var waiting = run.DelayAsync(TimeSpan.FromHours(1), Step.Ct);
        await UntilAsync(journal, JournalEventTypes.StepStarted);
        await file.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);

        // The host was found to be a day ahead; a fake clock does not go back, so another one goes on.
        var corrected = new FakeTimeProvider(Noon.AddDays(-1));
        file.Options = new JournalOptions { TimeProvider = corrected };
        journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        waiting = resumed.DelayAsync(TimeSpan.FromHours(1), Step.Ct);
        corrected.Advance(TimeSpan.FromHours(2));
        Assert.False(waiting.IsCompleted);
        while (!waiting.IsCompleted)
        {
            corrected.Advance(TimeSpan.FromMinutes(10));
            await Task.Yield();
        }

        await waiting;
        Assert.True(corrected.GetUtcNow() >= Noon.AddHours(1), "the stored time is the one that counts");
        await resumed.CompleteAsync("1", Step.Ct);
        await foreach (var entry in journal.ReadEventsAsync("run-1", 0, Step.Ct))
            Assert.DoesNotContain("\"milliseconds\":-", entry.PayloadJson, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(DurableJournal journal, string type)
    {
        await foreach (var entry in journal.ReadEventsAsync("run-1", 0, Step.Ct))
        {
            if (entry.Type == type)
                return;
        }
    }
}
