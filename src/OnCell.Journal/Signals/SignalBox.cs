using OnCell.Journaling.Steps.Execution;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Signals;

/// <summary>
/// Hands a run's signals to the steps that wait for them: each to one step, in the order they were sent. A signal is consumed
/// in the transaction of the step's end, so a crash in between leaves it waiting.
/// </summary>
internal sealed class SignalBox(JournalRun run)
{
    // Taken by a step of this execution whose end is not on the disk yet.
    private readonly HashSet<long> _taken = [];

    /// <summary>Waits for a signal and marks it as this step's.</summary>
    /// <returns>The payload, or <see langword="null"/> when the step's time is up.</returns>
    public async Task<string?> TakeAsync(StepExecution step, string name, CancellationToken ct)
    {
        using var follower = run.Store.Events.Follow(run.No);
        while (true)
        {
            if (TryTake(name) is { } signal)
            {
                step.Stage((write, sequence) => SignalTable.Consume(write.Database, signal.No, sequence));
                return signal.Payload;
            }

            if (step.Due is { } due && WallClock.Left(run.Options.TimeProvider, due) <= TimeSpan.Zero)
                return null;
            await WaitAsync(follower, step.Due, ct).ConfigureAwait(false);
        }
    }

    private WaitingSignal? TryTake(string name)
    {
        lock (_taken)
        {
            using var lease = run.Store.Readers.Rent();
            var signal = SignalTable.FirstWaiting(lease.Database, run.No, name, _taken);
            if (signal is not null)
                _taken.Add(signal.No);
            return signal;
        }
    }

    private async Task WaitAsync(EventHub.Follower follower, long? due, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var grown = follower.WaitAsync(over.Token);
        var time = due is { } at
            ? WallClock.SleepUntilAsync(run.Options.TimeProvider, at, over.Token)
            : Task.Delay(Timeout.InfiniteTimeSpan, over.Token);
        var first = await Task.WhenAny(grown, time).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        if (first.IsCanceled)
            ct.ThrowIfCancellationRequested();
    }
}
