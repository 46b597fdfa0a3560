using Microsoft.Extensions.Time.Testing;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Steps;

public class RetryTests
{
    [Fact]
    public async Task Attempts_are_counted_across_restarts_and_the_wait_is_kept()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var file = new TestJournal { Options = new JournalOptions { TimeProvider = clock } };
        var journal = await file.ReopenAsync();
        var run = await journal.StartAsync();
        var step = Step.Of<string>(StepEffect.Idempotent, step => step.Attempt < 3 ? throw new IOException("busy") : $"attempt {step.Attempt}")
            with
        { Retry = new RetryPolicy { MaxAttempts = 3, FirstDelay = TimeSpan.FromMinutes(10), MaxDelay = TimeSpan.FromHours(1) } };

        var first = run.StepAsync(step, Step.Ct);
        await UntilAsync(journal, JournalEventTypes.StepRetrying, 1);
        var waiting = Assert.Single(await journal.ListStepsAsync("run-1", Step.Ct));
        Assert.Equal(clock.GetUtcNow().AddMinutes(10), waiting.NextAttemptAt);
        await file.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first);

        clock.Advance(TimeSpan.FromMinutes(10));
        journal = await file.ReopenAsync();
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        var second = resumed.StepAsync(step, Step.Ct);
        await UntilAsync(journal, JournalEventTypes.StepRetrying, 2);
        Assert.False(second.IsCompleted);
        while (!second.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.Equal("attempt 3", await second);
        Assert.True(clock.GetUtcNow() >= DateTimeOffset.UnixEpoch.AddYears(50).AddMinutes(30));
    }

    [Fact]
    public async Task The_last_failure_is_the_steps()
    {
        await using var file = new TestJournal();
        await using var run = await (await file.ReopenAsync()).StartAsync();
        var step = Step.Of<int>(StepEffect.Read, step => throw new IOException($"attempt {step.Attempt}"))
            with
        { Retry = new RetryPolicy { MaxAttempts = 4, FirstDelay = TimeSpan.Zero } };

        var error = await Assert.ThrowsAsync<StepFailedException>(() => run.StepAsync(step, Step.Ct));

        Assert.Equal("attempt 4", error.Error.Message);
    }

    [Fact]
    public async Task A_failure_that_is_not_to_be_retried_ends_the_step_at_once()
    {
        await using var file = new TestJournal();
        await using var run = await (await file.ReopenAsync()).StartAsync();
        var step = Step.Of<int>(StepEffect.Idempotent, step => throw new NotSupportedException($"attempt {step.Attempt}"))
            with
        { Retry = new RetryPolicy { ShouldRetry = error => error is IOException } };

        var error = await Assert.ThrowsAsync<StepFailedException>(() => run.StepAsync(step, Step.Ct));

        Assert.Equal("attempt 1", error.Error.Message);
    }

    private static async Task UntilAsync(DurableJournal journal, string type, int count)
    {
        await foreach (var entry in journal.ReadEventsAsync("run-1", 0, Step.Ct))
        {
            if (entry.Type == type && --count == 0)
                return;
        }
    }
}
