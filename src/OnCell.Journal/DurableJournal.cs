using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OnCell.Journaling.Diagnostics;
using OnCell.Journaling.Runs;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Upkeep;

namespace OnCell.Journaling;

/// <summary>
/// A journal of durable runs in one SQLite file: each step of a run is on the disk before its caller goes on, so a process
/// that dies at any moment is continued by the next one from the last step that ended.
/// </summary>
/// <remarks>One process has the file open at a time; the lock goes with the process, however it dies.</remarks>
public sealed class DurableJournal : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, JournalRun> _live = new();

    private DurableJournal(JournalStore store)
    {
        Store = store;
        Memory = new MemoryStore(store.Readers);
    }

    /// <summary>Gets the full path of the journal file.</summary>
    public string Path => Store.Path;

    /// <summary>Gets the memory that runs have written, to be read from outside of them.</summary>
    public MemoryStore Memory { get; }

    /// <summary>
    /// Gets a value indicating whether the disk refused a write. Nothing more is written: dispose the journal and open it again.
    /// </summary>
    public bool IsFaulted => Store.Writer.IsFaulted;

    internal JournalStore Store { get; }

    /// <summary>Opens a journal, and makes it if there is none.</summary>
    /// <param name="path">The file; its folder exists and is on a local file system.</param>
    /// <param name="options">How it is opened.</param>
    /// <param name="ct">Gives up waiting for the lock.</param>
    /// <returns>The journal.</returns>
    /// <exception cref="JournalLockedException">The file is open elsewhere.</exception>
    /// <exception cref="JournalCorruptException">The file is damaged or not a journal.</exception>
    /// <exception cref="JournalVersionException">A newer version of this library wrote the file.</exception>
    /// <exception cref="JournalStorageException">The file cannot be written.</exception>
    public static async Task<DurableJournal> OpenAsync(
        string path, JournalOptions? options = null, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new JournalOptions();
        var store = await JournalStore.OpenAsync(System.IO.Path.GetFullPath(path), options, ct).ConfigureAwait(false);
        JournalLog.Opened(options.Logger, store.Path, Schema.Current, RunReads.CountOpen(store.Readers));
        return new DurableJournal(store);
    }

    /// <summary>Starts a run, durably. The same id with the same input is the same run, however often it is started.</summary>
    /// <param name="start">The run.</param>
    /// <param name="ct">Gives up before the start is queued.</param>
    /// <returns>The run, with <see cref="JournalRun.Created"/> telling whether it is new and claimed.</returns>
    /// <exception cref="RunConflictException">The id is taken by a run of another method or input.</exception>
    public async Task<JournalRun> StartRunAsync(RunStart start, CancellationToken ct)
    {
        RunRules.Check(start);
        var (row, created) = await Store.Writer.WriteAsync(write => RunWrites.Start(write, start, Store.Clock.Micros()), ct)
            .ConfigureAwait(false);
        var run = new JournalRun(this, row, row.Epoch, created);
        if (created)
            Enter(run, resumed: false);
        else
            run.Stop(new LeaseLostException($"run {start.Id} was started before and is not claimed: resume it to go on with it."));
        return run;
    }

    /// <summary>Claims an open or diverged run: raises its epoch, which stops whoever had it, and loads its history.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="ct">Gives up before the claim is queued.</param>
    /// <returns>The run, ready to be executed from the top.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunConflictException">The run has ended.</exception>
    public async Task<JournalRun> ResumeRunAsync(string runId, CancellationToken ct)
    {
        var row = await Store.Writer.WriteAsync(write => RunWrites.Claim(write, runId, Store.Clock.Micros()), ct)
            .ConfigureAwait(false);
        var run = new JournalRun(this, row, row.Epoch, created: false);

        // Entered before the history is read: a decision or cancellation from now on reaches this object.
        Enter(run, resumed: true);
        try
        {
            run.LoadHistory();
        }
        catch
        {
            // Nobody executes it: it can be cancelled, forked or deleted at once.
            await run.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (row.CancelRequested)
            run.StopForCancellation();
        JournalLog.Resumed(Store.Options.Logger, run.Id, run.Epoch, run.History.Count);
        return run;
    }

    /// <summary>Returns a run as the journal has it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The run, or <see langword="null"/> when there is none.</returns>
    public Task<RunInfo?> GetRunAsync(string runId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(RunReads.Find(Store.Readers, runId));
    }

    /// <summary>Lists runs, newest first.</summary>
    /// <param name="filter">Which; <see langword="null"/> for all, up to the filter's default limit.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The runs.</returns>
    public Task<IReadOnlyList<RunInfo>> ListRunsAsync(RunFilter? filter, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(RunReads.List(Store.Readers, filter));
    }

    /// <summary>Lists the steps of a run in the order they were begun.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The steps.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public Task<IReadOnlyList<StepInfo>> ListStepsAsync(string runId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(RunReads.Steps(Store.Readers, runId));
    }

    /// <summary>Returns what a step ended with, for people who look at a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="position">The step's position.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>
    /// The result as the step's serializer wrote it; <see langword="null"/> where there is no such step, it has no result, or
    /// the result is so large that it is kept in a file of its own.
    /// </returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public Task<string?> GetStepResultAsync(string runId, string position, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(RunReads.StepResult(Store.Readers, runId, position));
    }

    /// <summary>Reads what happened to a run: what is stored, then what happens, until the run has ended or diverged.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="afterSequence">Only events after this sequence number; 0 for all.</param>
    /// <param name="ct">Stops following.</param>
    /// <returns>The events, in order.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public async IAsyncEnumerable<JournalEvent> ReadEventsAsync(
        string runId, long afterSequence, [EnumeratorCancellation] CancellationToken ct)
    {
        var events = new EventReader(Store.Readers, Store.Events);
        await foreach (var entry in events.ReadAsync(RunReads.Row(Store.Readers, runId), afterSequence, ct).ConfigureAwait(false))
            yield return entry;
    }

    /// <summary>
    /// Cancels a run durably: a live execution is told to stop, and one resumed later stops at its next step. A run that
    /// nobody executes ends at once.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="ct">Gives up before the request is queued.</param>
    /// <returns><see langword="false"/> when the run had ended already.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public async Task<bool> CancelRunAsync(string runId, CancellationToken ct)
    {
        // A run claimed at this very moment may be ended here: its execution then loses the lease at its next write.
        var row = await Store.Writer.WriteAsync(
            write => RunWrites.Cancel(write, runId, Store.Clock.Micros(), no => _live.ContainsKey(no)), ct).ConfigureAwait(false);
        if (row is null)
            return false;
        if (_live.TryGetValue(row.No, out var live))
            live.StopForCancellation();
        return true;
    }

    /// <summary>Decides on a step in doubt; a live run goes on with it at once, any other when it is resumed.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="position">The step's position.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="ct">Gives up before the decision is queued.</param>
    /// <returns>A task that completes once the decision is on the disk.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunConflictException">The step does not wait for a decision.</exception>
    public async Task DecideAsync(string runId, string position, StepDecision decision, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var (no, record) = await Store.Writer.WriteAsync(
            write => RunWrites.Decide(write, runId, position, decision, Store.Clock.Micros()), ct).ConfigureAwait(false);
        if (_live.TryGetValue(no, out var live))
            live.Apply(record);
    }

    /// <summary>Sends a signal to a run; it waits there until a step takes it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="name">The signal's name, 1 to 1,024 characters.</param>
    /// <param name="payloadJson">The payload as JSON.</param>
    /// <param name="signalId">
    /// An id of up to 200 characters that makes sending idempotent; <see langword="null"/> to send once for each call.
    /// </param>
    /// <param name="ct">Gives up before the signal is queued.</param>
    /// <returns><see langword="false"/> when a signal of this id was sent before.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunConflictException">The run has ended, or 10,000 signals wait for it already.</exception>
    public Task<bool> SignalAsync(string runId, string name, string payloadJson, string? signalId, CancellationToken ct)
    {
        RunRules.CheckSignal(runId, name, payloadJson, signalId);
        return Store.Writer.WriteAsync(
            write => RunWrites.Signal(write, runId, name, payloadJson, signalId, Store.Clock.Micros()), ct);
    }

    /// <summary>
    /// Executes code against a stored run, ended or not, without executing a step and without writing: whether today's code
    /// may take over yesterday's run. For tests over stored journals and for checks before a deployment.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="code">What executes a run from the top; it does not complete the run.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How far the code came, and how it differs from the history.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public Task<ReplayReport> ReplayAsync(string runId, Func<JournalRun, CancellationToken, Task> code, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(code);
        var row = RunReads.Row(Store.Readers, runId);
        return Replay.RunAsync(new JournalRun(this, row, row.Epoch, created: false) { ReplayOnly = true }, code, ct);
    }

    /// <summary>
    /// Starts a run whose history is another's up to a step. Its finished steps are returned from there; from the step on
    /// everything is done anew, under new keys. The other run is not touched, and memory is not turned back.
    /// </summary>
    /// <param name="runId">The run to fork.</param>
    /// <param name="newRunId">The id of the fork.</param>
    /// <param name="beforePosition">The position of the first step that is done anew.</param>
    /// <param name="ct">Gives up before the fork is queued.</param>
    /// <returns>A task that completes once the fork is on the disk, ready to be resumed.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunConflictException">The new id is taken, or the run has no such step.</exception>
    public Task ForkRunAsync(string runId, string newRunId, string beforePosition, CancellationToken ct)
    {
        RunRules.CheckId(newRunId);
        return Store.Writer.WriteAsync(
            write =>
            {
                RunForks.Fork(write, RunTable.Get(write.Database, runId), newRunId, beforePosition, Store.Clock.Micros());
                return true;
            },
            ct);
    }

    /// <summary>
    /// Starts a run anew from a step, under its own id; a live execution of it is stopped. What the run was stays in the
    /// journal under another id.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="beforePosition">The position of the first step that is done anew.</param>
    /// <param name="ct">Gives up before the reset is queued.</param>
    /// <returns>The id under which what the run was is kept.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunConflictException">The run has no such step.</exception>
    public async Task<string> ResetRunAsync(string runId, string beforePosition, CancellationToken ct)
    {
        var (no, oldId) = await Store.Writer.WriteAsync(
            write =>
            {
                var row = RunTable.Get(write.Database, runId);
                return (row.No, RunForks.Reset(write, row, beforePosition, Store.Clock.Micros()));
            },
            ct).ConfigureAwait(false);
        if (_live.TryRemove(no, out var live))
            live.Stop(new LeaseLostException($"run {runId} was reset; this execution is of {oldId}."));
        return oldId;
    }

    /// <summary>Opens a file that a step has kept with <see cref="StepExecution.KeepAsync"/>.</summary>
    /// <param name="file">What the step returned.</param>
    /// <returns>The content; reading its end fails unless it is what was kept.</returns>
    /// <exception cref="JournalCorruptException">The file is gone; while reading: it was changed.</exception>
    public Stream OpenFile(KeptFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Store.Blobs.OpenRead(file.Sha256);
    }

    /// <summary>Deletes an ended or diverged run with all its records, in one transaction.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="ct">Gives up before the deletion is queued.</param>
    /// <returns>A task that completes once the run is gone from the disk.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunConflictException">The run is open.</exception>
    public Task DeleteRunAsync(string runId, CancellationToken ct) =>
        Store.Writer.WriteAsync(write => JournalUpkeep.Delete(write, runId), ct);

    /// <summary>
    /// Deletes ended runs that a policy no longer keeps, each in a transaction of its own, and their large values; where much
    /// of the file is free then, gives it back as <see cref="CompactAsync"/> does.
    /// </summary>
    /// <param name="policy">What is kept.</param>
    /// <param name="ct">Stops between two runs.</param>
    /// <returns>What was deleted.</returns>
    public Task<RetentionReport> PruneAsync(RetentionPolicy policy, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return JournalUpkeep.PruneAsync(Store, policy, ct);
    }

    /// <summary>
    /// Gives the space of deleted runs back to the file system, a mebibyte at a time between the writes of runs, which wait
    /// for milliseconds at most.
    /// </summary>
    /// <param name="ct">Stops between two pieces; what was given back stays so.</param>
    /// <returns>The bytes given back.</returns>
    public Task<long> CompactAsync(CancellationToken ct) => JournalUpkeep.CompactAsync(Store, ct);

    /// <summary>
    /// Copies the journal as it is at one moment while it is in use. Who opens the copy gets new epochs and new step keys
    /// for the open runs, since the original goes on with the old ones. The file appears once it is whole.
    /// </summary>
    /// <param name="destination">The file of the copy; it does not exist yet.</param>
    /// <param name="ct">Gives up before the copy is begun.</param>
    /// <returns>A task that completes once the copy is on the disk.</returns>
    /// <exception cref="JournalStorageException">The copy exists already or cannot be written.</exception>
    public Task BackupAsync(string destination, CancellationToken ct) =>
        JournalBackup.WriteAsync(Store, System.IO.Path.GetFullPath(destination), ct);

    /// <summary>Stops every live execution, writes what was queued and lets go of the file.</summary>
    /// <returns>A task that completes once the file is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        foreach (var run in _live.Values)
            run.Stop(new ObjectDisposedException(nameof(DurableJournal)));
        _live.Clear();
        await Store.DisposeAsync().ConfigureAwait(false);
    }

    internal void Leave(JournalRun run) => _live.TryRemove(new KeyValuePair<long, JournalRun>(run.No, run));

    private void Enter(JournalRun run, bool resumed)
    {
        run.Enter(resumed);
        JournalRun? earlier = null;
        _live.AddOrUpdate(run.No, run, (_, current) =>
        {
            // Two claims may arrive here out of order; the higher epoch is the owner.
            earlier = current.Epoch < run.Epoch ? current : run;
            return current.Epoch < run.Epoch ? run : current;
        });
        earlier?.Stop(new LeaseLostException($"run {run.Id} was claimed by another execution; epoch {earlier.Epoch} may not write any more."));
    }
}
