using System.Collections.Concurrent;
using OnCell.Cells;

namespace OnCell.Runs;

/// <summary>The runs of one cell that wait or execute, in order, as many at once as the agent allows. The journal is the durable queue; this is its order in memory.</summary>
internal sealed class RunQueue(LiveCell cell, CellServices services) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, QueuedRun> _runs = new(StringComparer.Ordinal);
    private readonly Queue<QueuedRun> _waiting = new();
    private readonly List<Task> _workers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly RunPace _pace = new(services.Time);
    private int _working;
    private int _reserved;
    private volatile bool _leftOpen;

    /// <summary>Gets whether a run waits or executes, or is about to be written to the journal.</summary>
    public bool Busy
    {
        get
        {
            lock (_waiting) return _reserved > 0 || !_runs.IsEmpty;
        }
    }

    /// <summary>Takes a place for a run about to be written to the journal; the registry says from then on that there may be one.</summary>
    /// <exception cref="OnCellException">The queue is full; it says when to try again.</exception>
    public Reservation Reserve()
    {
        lock (_waiting)
        {
            if (_runs.Count + _reserved >= services.Options.MaxQueuedRuns)
            {
                var wait = _pace.UntilOneEnds();
                throw new OnCellException(OnCellError.Busy,
                    $"\"{cell.Id}\" has {_runs.Count} runs waiting, which is the limit (OnCell:MaxQueuedRuns). " +
                    $"Try again at {services.Time.GetUtcNow() + wait:u}.")
                { RetryAfter = wait };
            }

            services.Registry.SetBusy(cell.Id, true);
            _reserved++;
            return new Reservation(this);
        }
    }

    /// <summary>Has a run executed after those before it. A run that is queued already is not queued twice.</summary>
    public void Enqueue(string runId)
    {
        var run = new QueuedRun(runId, CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
        lock (_waiting)
        {
            if (_runs.TryAdd(runId, run)) Enqueue(run);
        }
    }

    // Under the lock.
    private void Enqueue(QueuedRun run)
    {
        _waiting.Enqueue(run);
        if (_working >= cell.Concurrency) return;
        if (_working++ == 0) services.Registry.SetBusy(cell.Id, true);
        BeginWork(WorkAsync);
    }

    private void BeginWork(Func<Task> work)
    {
        _workers.RemoveAll(w => w.IsCompleted);
        _workers.Add(Task.Run(work));
    }

    /// <summary>Waits until a run is no longer executed by this process; at once where it is not queued.</summary>
    public Task WaitAsync(string runId, CancellationToken cancellationToken) =>
        _runs.TryGetValue(runId, out var run) ? run.Ended.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Waits for the runs that have ended by what the journal says and are only tidied up after.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (!Busy) return;
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        foreach (var id in _runs.Keys)
        {
            if (await journal.GetRunAsync(id, cancellationToken).ConfigureAwait(false) is not { IsOpen: true })
                await WaitAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Interrupts a run that waits or executes.</summary>
    public void Interrupt(string runId)
    {
        if (!_runs.TryGetValue(runId, out var run)) return;
        try
        {
            run.Interrupted.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in this moment.
        }
    }

    /// <summary>Stops executing. Runs that have not ended stay open in the journal, for the next process.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] workers;
        lock (_waiting) workers = [.. _workers];
        await Task.WhenAll(workers).ConfigureAwait(false);
    }

    private async Task WorkAsync()
    {
        while (TryTakeNext() is { } run)
        {
            var outcome = RunOutcome.LeftOpen;
            try
            {
                using var hold = new RunHold(cell, services.RunSlots);
                using var pace = _pace.Begin();
                outcome = await RunExecutor.ExecuteAsync(cell, services, hold, run.Id, run.Interrupted.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Stopped or cancelled while it waited; what the journal says of the run holds.
            }
            catch (Exception e)
            {
                // A worker that died would hold up every later run of the cell.
                RunLog.Postponed(services.Loggers.CreateLogger("OnCell.Runs"), run.Id, cell.Id, e);
                outcome = RunOutcome.Postponed;
            }

            if (outcome == RunOutcome.Postponed)
            {
                lock (_waiting) BeginWork(() => TakeUpLaterAsync(run));
                continue;
            }

            if (outcome == RunOutcome.LeftOpen) _leftOpen = true;
            await EndAsync(run).ConfigureAwait(false);
        }
    }

    /// <summary>Has a run executed again after a while, longer each time: somebody has to make room on the disk.</summary>
    private async Task TakeUpLaterAsync(QueuedRun run)
    {
        try
        {
            await Task.Delay(run.NextRetry(), services.Time, run.Interrupted.Token).ConfigureAwait(false);
            lock (_waiting) Enqueue(run);
        }
        catch (OperationCanceledException)
        {
            _leftOpen = true;
            await EndAsync(run).ConfigureAwait(false);
        }
    }

    private async Task EndAsync(QueuedRun run)
    {
        await RunNews.TellAsync(cell, services, run.Id).ConfigureAwait(false);
        _runs.TryRemove(run.Id, out _);
        cell.Events.Close(run.Id);
        run.Interrupted.Dispose();
        run.Ended.SetResult();
    }

    private QueuedRun? TryTakeNext()
    {
        lock (_waiting)
        {
            if (_waiting.TryDequeue(out var run)) return run;
            // An open run, left by this process or to be taken up later, must be found by the next.
            if (--_working == 0 && !_stop.IsCancellationRequested && _reserved == 0 && !_leftOpen && _runs.IsEmpty) services.Registry.SetBusy(cell.Id, false);
            return null;
        }
    }

    private void EndReservation()
    {
        lock (_waiting) _reserved--;
    }

    /// <summary>A place in the queue, until it is disposed.</summary>
    internal sealed class Reservation(RunQueue queue) : IDisposable
    {
        public void Dispose() => queue.EndReservation();
    }

    private sealed record QueuedRun(string Id, CancellationTokenSource Interrupted)
    {
        private TimeSpan _retry = FirstRetry;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan NextRetry()
        {
            var delay = _retry;
            _retry = delay * 2 < LongestRetry ? delay * 2 : LongestRetry;
            return delay;
        }
    }
}
