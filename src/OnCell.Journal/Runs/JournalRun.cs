using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using OnCell.Journaling.Diagnostics;
using OnCell.Journaling.Runs;
using OnCell.Journaling.Signals;
using OnCell.Journaling.Steps.Execution;
using OnCell.Journaling.Steps.History;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling;

/// <summary>
/// One execution of a run: it owns the run's lease until it ends, is disposed, or another execution claims the run. Its
/// steps may be asked for concurrently.
/// </summary>
public sealed class JournalRun : StepScope, IAsyncDisposable
{
    private readonly DurableJournal _journal;
    private readonly CancellationTokenSource _stop = new();
    private readonly object _loading = new();
    private Exception? _stopReason;
    private int _replayed;
    private int _left;
    private bool _entered;

    internal JournalRun(DurableJournal journal, RunRow row, long epoch, bool created)
        : base("")
    {
        _journal = journal;
        No = row.No;
        Id = row.Id;
        Incarnation = row.Incarnation;
        Seed = row.Seed;
        Epoch = epoch;
        Created = created;
        InputJson = row.Input;
        Method = row.Method;
        CodeVersion = row.CodeVersion;
        Stopping = _stop.Token;
        Signals = new SignalBox(this);
    }

    /// <summary>Gets the run's id.</summary>
    public string Id { get; }

    /// <summary>Gets what is executed.</summary>
    public string Method { get; }

    /// <summary>Gets the input as JSON.</summary>
    public string InputJson { get; }

    /// <summary>Gets the version of the code that started the run.</summary>
    public string CodeVersion { get; }

    /// <summary>Gets the epoch this execution writes with.</summary>
    public long Epoch { get; }

    /// <summary>
    /// Gets a value indicating whether <see cref="DurableJournal.StartRunAsync"/> made the run just now. When it did not,
    /// the run was there already and is not claimed by this object: resume it, or wait for it by its events.
    /// </summary>
    public bool Created { get; }

    /// <summary>Gets what is cancelled when this execution must stop: run cancelled, lease lost, diverged, disposed.</summary>
    public CancellationToken Stopping { get; }

    internal override JournalRun Run => this;

    /// <summary>Gets what names the run in the message of an error that is thrown; what is stored names no file.</summary>
    internal string Label => $"run {Id} of journal {_journal.Path}";

    internal long No { get; }

    internal string Incarnation { get; }

    internal string Seed { get; }

    /// <summary>Gets a value indicating whether nothing is executed and nothing is written.</summary>
    internal bool ReplayOnly { get; init; }

    internal int Replayed => _replayed;

    /// <summary>Gets or sets the step that the code asked for last.</summary>
    internal StepHistory? LastAsked { get; set; }

    internal ConcurrentDictionary<string, Lazy<Task<bool>>> Patches { get; } = new(StringComparer.Ordinal);

    internal RunHistory History { get; private set; } = new();

    internal SignalBox Signals { get; }

    /// <summary>Gets the activity of this execution, while somebody listens.</summary>
    internal Activity? Activity { get; private set; }

    internal JournalStore Store => _journal.Store;

    internal JournalOptions Options => Store.Options;

    internal StorageFaults Faults => Options.Faults;

    /// <summary>Ends the run with a result.</summary>
    /// <param name="resultJson">The result as JSON.</param>
    /// <param name="ct">Gives up before the end is queued.</param>
    /// <returns>A task that completes once the end is on the disk.</returns>
    /// <exception cref="ArgumentException">The result is not JSON, or too long: keep what is large in steps.</exception>
    /// <exception cref="RunDivergedException">The journal holds a step that this execution never asked for.</exception>
    /// <exception cref="LeaseLostException">Another execution has claimed the run, or it has ended.</exception>
    public async Task CompleteAsync(string resultJson, CancellationToken ct)
    {
        RunRules.CheckJson(resultJson, $"run {Id}: the result");
        ThrowIfStopped(exceptForCancellation: true);
        await DivergeIfUnreadAsync().ConfigureAwait(false);
        var end = new LogRecord { Type = RecordType.RunCompleted, Value = Encoding.UTF8.GetBytes(resultJson) };
        await EndAsync(end, RunState.Completed, ct).ConfigureAwait(false);
    }

    /// <summary>Ends the run with the error that its code ended with. Not to be called for a <see cref="RunSuspendedException"/>.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="ct">Gives up before the end is queued.</param>
    /// <returns>A task that completes once the end is on the disk.</returns>
    /// <exception cref="RunDivergedException">The journal holds a step of the code's own sequence that this execution never asked for.</exception>
    /// <exception cref="LeaseLostException">Another execution has claimed the run, or it has ended.</exception>
    /// <remarks>
    /// Steps of branches may be unread: where one branch fails, how far the others came is not the code's doing.
    /// </remarks>
    public async Task FailAsync(RunError error, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(error);
        ThrowIfStopped(exceptForCancellation: true);
        await DivergeIfUnreadAsync(error).ConfigureAwait(false);
        await GiveUpAsync(error, ct).ConfigureAwait(false);
    }

    /// <summary>Ends the run with an error that is not its code's, whose execution may not have begun: history is not compared.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="ct">Gives up before the end is queued.</param>
    /// <returns>A task that completes once the end is on the disk.</returns>
    /// <exception cref="LeaseLostException">Another execution has claimed the run, or it has ended.</exception>
    public Task GiveUpAsync(RunError error, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(error);
        ThrowIfStopped(exceptForCancellation: true);
        var end = new LogRecord
        {
            Type = RecordType.RunFailed,
            Error = JsonSerializer.Serialize(error, JsonContext.Default.RunError),
        };
        return EndAsync(end, RunState.Failed, ct);
    }

    /// <summary>Ends the run as cancelled: what is called when a <see cref="RunCancelledException"/> arrives at the top.</summary>
    /// <param name="ct">Gives up before the end is queued.</param>
    /// <returns>A task that completes once the end is on the disk.</returns>
    /// <exception cref="LeaseLostException">Another execution has claimed the run, or it has ended.</exception>
    public Task EndCancelledAsync(CancellationToken ct)
    {
        ThrowIfStopped(exceptForCancellation: true);
        return EndAsync(new LogRecord { Type = RecordType.RunCancelled }, RunState.Cancelled, ct);
    }

    /// <summary>Lets go of the run: live steps are told to stop, and the run stays as the journal has it.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        Stop(new ObjectDisposedException($"run {Id}"));
        Leave();
        return ValueTask.CompletedTask;
    }

    /// <summary>Begins to be executed: from here to <see cref="Leave"/>.</summary>
    internal void Enter(bool resumed)
    {
        _entered = true;
        Activity = JournalTelemetry.StartRun(this, resumed);
        JournalTelemetry.LiveRuns.Add(1);
    }

    internal void LoadHistory()
    {
        // A decision is committed and then applied: it is on the pages read here, or waits for the gate and is applied after.
        lock (_loading)
        {
            using var lease = Store.Readers.Rent();
            History = RunHistory.Load(lease.Database, No);
        }
    }

    /// <summary>Adds a record that somebody else wrote to one of this execution's steps.</summary>
    internal void Apply(in LogRecord record)
    {
        lock (_loading)
            History.Find(record.Position)?.Apply(record);
    }

    internal void CountReplayed() => Interlocked.Increment(ref _replayed);

    /// <summary>Returns what is to be thrown where the code asks for more than a replay has.</summary>
    internal HistoryEndedException EndReplay(string position)
    {
        var end = new HistoryEndedException($"run {Id} is replayed and has not come to step {position}.", position);
        Stop(end);
        return end;
    }

    internal void ThrowIfStopped(bool exceptForCancellation = false)
    {
        if (Volatile.Read(ref _stopReason) is { } reason && !(exceptForCancellation && reason is RunCancelledException))
            throw reason;
    }

    /// <summary>Stops this execution; only the first reason counts, except that nothing outweighs a lost lease.</summary>
    internal void Stop(Exception reason)
    {
        if (reason is LeaseLostException)
            Volatile.Write(ref _stopReason, reason);
        else
            Interlocked.CompareExchange(ref _stopReason, reason, null);
        _stop.Cancel();
    }

    internal void StopForCancellation() =>
        Stop(new RunCancelledException($"run {Id} was cancelled.", Stopping));

    /// <summary>Queues a write of this execution; a lost lease stops it.</summary>
    internal async Task<TResult> WriteAsync<TResult>(Func<WriteTransaction, TResult> work, CancellationToken ct = default)
    {
        try
        {
            return await Store.Writer.WriteAsync(work, ct).ConfigureAwait(false);
        }
        catch (LeaseLostException error)
        {
            Stop(error);
            throw;
        }
    }

    /// <summary>Throws when the code ends though the journal holds a step it never asked for.</summary>
    internal async Task DivergeIfUnreadAsync(RunError? failure = null)
    {
        if (History.Unread(inBranches: failure is null) is { Count: > 0 } unread)
            throw await DivergeAsync(unread[0], Divergence.DescribeUnread(this, unread, failure)).ConfigureAwait(false);
    }

    /// <summary>Stops the run durably because code and history differ; returns what is to be thrown.</summary>
    internal async Task<RunDivergedException> DivergeAsync(StepHistory step, string difference)
    {
        var record = new LogRecord
        {
            Type = RecordType.RunDiverged,
            Position = step.Position,
            Epoch = Epoch,
            Time = Store.Clock.Micros(),
            Error = JsonSerializer.Serialize(
                new RunError(typeof(RunDivergedException).FullName!, difference), JsonContext.Default.RunError),
        };
        if (!ReplayOnly)
        {
            await WriteAsync(transaction =>
            {
                var sequence = transaction.Append(No, record);
                RunTable.End(transaction.Database, No, RunState.Diverged, ended: null, sequence);
                return sequence;
            }).ConfigureAwait(false);
            JournalLog.Diverged(Options.Logger, Id, step.Position);
            JournalTelemetry.CountRun(this, RunState.Diverged);
        }

        var error = new RunDivergedException(difference, step.Position);
        Stop(error);
        return error;
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) != 0)
            return;
        _journal.Leave(this);
        if (!_entered)
            return;
        Activity?.Dispose();
        JournalTelemetry.LiveRuns.Add(-1);
    }

    private async Task EndAsync(LogRecord end, RunState state, CancellationToken ct)
    {
        end = end with { Epoch = Epoch, Time = Store.Clock.Micros() };
        await WriteAsync(
            transaction =>
            {
                var sequence = transaction.Append(No, end);
                RunTable.End(transaction.Database, No, state, end.Time, sequence);
                return sequence;
            },
            ct).ConfigureAwait(false);
        Stop(new LeaseLostException($"run {Id} has ended ({state}): nothing more is written to it."));
        JournalTelemetry.CountRun(this, state);
        Leave();
    }
}
