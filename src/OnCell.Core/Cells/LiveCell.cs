using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using OnCell.Agents;
using OnCell.Deployments;
using OnCell.Feeds;
using OnCell.Indexing;
using OnCell.Journaling;
using OnCell.Registry;
using OnCell.Runs;
using OnCell.Sandboxes;
using OnCell.Secrets;

namespace OnCell.Cells;

/// <summary>A cell of which this process holds something open: its journal, its index, its sandbox.</summary>
/// <remarks>Leases keep it awake; waking, pausing and deleting take turns, so parallel wakes are one wake.</remarks>
internal sealed partial class LiveCell : IAsyncDisposable
{
    private readonly CellServices _services;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _recordGate = new();
    private readonly EgressHistory _egress = new();
    private readonly ConcurrentDictionary<string, double> _timings = new(StringComparer.Ordinal);
    private KnownSpec? _spec;
    private DurableJournal? _journal;
    private CodeIndex? _index;
    private Sandbox? _sandbox;
    private bool _mayRunAlready;
    private bool _shut;
    private bool _ended;
    private int _leases;
    private long _lastUsed;

    /// <param name="record">The customer.</param>
    /// <param name="services">What all cells share.</param>
    /// <param name="mayRunAlready">Whether an earlier process may have left its sandbox running.</param>
    public LiveCell(CustomerRecord record, CellServices services, bool mayRunAlready)
    {
        Record = record;
        _services = services;
        _mayRunAlready = mayRunAlready;
        _lastUsed = services.Time.GetTimestamp();
        Feed = new CellFeed(services.Time);
        Feed.Added += e => services.WebhookNews.Note(Id, e);
        Queue = new RunQueue(this, services);
    }

    public string Id => Record.Id;

    public CustomerRecord Record { get; private set; }

    /// <summary>Gets the agent whose code new runs begin with. Not to be held: a deployment may bring another.</summary>
    /// <exception cref="OnCellException">It is no longer there.</exception>
    public AgentDescriptor Agent => _services.Agents.Get(Record.Environment, Record.Agent);

    /// <summary>Gets that agent for a run that is about to begin; its code stays until the lease is disposed.</summary>
    /// <exception cref="OnCellException">It is no longer there.</exception>
    public AgentLease LeaseAgent() => _services.Agents.Lease(Record.Environment, Record.Agent);

    /// <summary>Gets what the cell is made of, read once from each code of its agent. A running sandbox stays as it was made.</summary>
    public CellSpec Spec
    {
        get
        {
            var agent = Agent;
            if (_spec is { } known && known.CodeVersion == agent.CodeVersion) return known.Spec;
            _spec = known = new KnownSpec(agent.CodeVersion, agent.DemandSpec(_services.Provider));
            return known.Spec;
        }
    }

    public RunEventHub Events { get; } = new();

    public RunQueue Queue { get; }

    /// <summary>Gets the secrets that its steps may be given, as they are now.</summary>
    public CustomerSecrets Secrets => _services.Secrets.For(Id);

    /// <summary>Gets how many of its runs may execute at once.</summary>
    /// <value>One where its agent cannot say: the queue goes on, and the run itself says what is wrong.</value>
    public int Concurrency
    {
        get
        {
            try
            {
                return Math.Clamp(Spec.MaxConcurrentRuns, 1, 100);
            }
            catch (OnCellException)
            {
                return 1;
            }
        }
    }

    /// <summary>Gets what happened to it lately, for people who look.</summary>
    public CellFeed Feed { get; }

    public IReadOnlyList<EgressEvent> EgressDecisions => _egress.List();

    /// <summary>Gets how long nobody has held a lease; zero while somebody does.</summary>
    public TimeSpan Idle => Volatile.Read(ref _leases) > 0 ? TimeSpan.Zero : _services.Time.GetElapsedTime(Volatile.Read(ref _lastUsed));

    public CellInfo Info => new()
    {
        Customer = Id,
        Agent = Record.Agent,
        Environment = Record.Environment,
        State = Record.State,
        Tier = Record.Tier,
        Reason = Record.Reason,
        Quotas = Record.Quotas,
        Created = Record.Created,
        Changed = Record.Changed,
        Timings = new Dictionary<string, double>(_timings),
    };

    public void NoteTiming(string name, TimeSpan duration) => _timings[name] = Math.Round(duration.TotalMilliseconds, 1);

    /// <summary>Writes the state to the registry, then shows it.</summary>
    public void SetState(CellState state, PauseTier? tier = null, string? reason = null)
    {
        lock (_recordGate)
        {
            _services.Registry.SetState(Id, state, tier, reason);
            Record = Record with { State = state, Tier = tier, Reason = reason, Changed = _services.Time.GetUtcNow() };
        }

        Feed.Add("cell.state", JsonSerializer.SerializeToNode(Info, OnCellJson.Options)!.AsObject());
    }

    /// <summary>Writes the customer's own quotas to the registry; they hold at once.</summary>
    public void SetQuotas(CustomerQuotas? quotas)
    {
        lock (_recordGate)
        {
            _services.Registry.SetQuotas(Id, quotas);
            Record = Record with { Quotas = quotas };
        }
    }

    /// <summary>Wakes the cell and keeps it awake until the lease is disposed.</summary>
    public async Task<CellLease> AcquireAsync(CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            await WakeAsync(null, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _leases);
            return new CellLease(this);
        }
    }

    /// <summary>Gets the running sandbox. The caller holds a lease.</summary>
    /// <exception cref="SandboxLostException">It died; a new lease starts another.</exception>
    public Task<Sandbox> GetSandboxAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _sandbox is { Lost.IsCompleted: false } sandbox
            ? Task.FromResult(sandbox)
            : Task.FromException<Sandbox>(new SandboxLostException($"the sandbox of \"{Id}\" died"));
    }

    /// <summary>Waits until the sandbox is seen to have died, or for a while: it may only have lost its connection.</summary>
    public async Task WaitForDeathAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_sandbox is { } sandbox)
            await Task.WhenAny(sandbox.Lost, Task.Delay(limit, _services.Time, cancellationToken)).ConfigureAwait(false);
    }

    public async Task<DurableJournal> GetJournalAsync(CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            ThrowIfShut();
            if (_journal is { IsFaulted: true } faulted)
            {
                // After a failed write it acknowledges nothing more; what it had acknowledged is safe and read anew.
                await faulted.DisposeAsync().ConfigureAwait(false);
                _journal = null;
            }

            Directory.CreateDirectory(_services.Paths.Cell(Id));
            var options = (_services.Journal ?? new JournalOptions()) with
            {
                Redact = text => Secrets.Redactor.Redact(text),
                OnParked = (run, position, name, attempt) => RunNews.TellParked(this, run, position, name, attempt),
            };
            return _journal ??= await DurableJournal.OpenAsync(_services.Paths.Journal(Id), options, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<CodeIndex> GetIndexAsync(CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            ThrowIfShut();
            return _index ??= await CodeIndex.OpenAsync(_services.Paths.Index(Id), null, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Starts the sandbox of a cell that is being made.</summary>
    public async Task StartFirstAsync(IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
            await WakeAsync(progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes over the sandbox that an earlier process left running, if it still does.</summary>
    public async Task AttachAsync(CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            // Whoever used the cell before recovery came to it has taken it over: its guest would not dial a second time.
            if (_sandbox is not null) return;

            // A frozen sandbox was let go on to be taken over; if it still idles, it is frozen again.
            if (await TryAttachAsync(cancellationToken).ConfigureAwait(false)) SetState(CellState.Active);
            else SetState(CellState.Paused, PauseTier.Stopped);
        }
    }

    /// <summary>Ends the sandbox and closes everything for good. What lies on the disk stays.</summary>
    public async Task ShutAsync(CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            _shut = true;
            await LetGoAsync().ConfigureAwait(false);
            await _services.Runtime.DestroyAsync(new SandboxId(Id), cancellationToken).ConfigureAwait(false);
            await CloseFilesAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets go of everything and leaves the sandbox running, for the next process.</summary>
    public async ValueTask DisposeAsync()
    {
        await Queue.DisposeAsync().ConfigureAwait(false);
        using (await _turn.TakeAsync(CancellationToken.None).ConfigureAwait(false))
        {
            _ended = true; // a call that comes late must not open again what the next process is about to open
            await LetGoAsync().ConfigureAwait(false);
            await CloseFilesAsync().ConfigureAwait(false);
        }
    }

    /// <exception cref="OnCellException">The cell is being made or removed, or could not be made.</exception>
    public void ThrowIfNotReady()
    {
        if (Record.State is CellState.Creating or CellState.Deleting or CellState.Failed)
            throw new OnCellException(OnCellError.Conflict, $"The cell of \"{Id}\" cannot be used ({Record.State}). {Record.Reason}".TrimEnd());
    }

    internal void Release()
    {
        Volatile.Write(ref _lastUsed, _services.Time.GetTimestamp());
        Interlocked.Decrement(ref _leases);
    }

    private async Task WakeAsync(IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        ThrowIfShut();
        if (Record.State is CellState.Deleting or CellState.Failed)
            throw new OnCellException(OnCellError.Conflict, $"The cell of \"{Id}\" cannot be used ({Record.State}). {Record.Reason}".TrimEnd());
        if (_sandbox is { Lost.IsCompleted: true }) await LetGoAsync().ConfigureAwait(false);
        if (_sandbox is null && _mayRunAlready) await TryAttachAsync(cancellationToken).ConfigureAwait(false);
        if (_sandbox is not null && Record.State is (CellState.Active or CellState.Creating)) return;

        var watch = Stopwatch.StartNew();
        var creating = Record.State == CellState.Creating;
        if (!creating) SetState(CellState.Waking, Record.Tier);
        try
        {
            if (_sandbox is null)
                _sandbox = await _services.Sandboxes.StartAsync(this, progress, cancellationToken).ConfigureAwait(false);
            else
                await _sandbox.ThawAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!creating)
        {
            // The next call tries again; until then the cell is shown as what it is.
            SetState(CellState.Paused, _sandbox is null ? PauseTier.Stopped : PauseTier.Frozen, e.Message);
            throw;
        }

        if (creating) return;
        SetState(CellState.Active);
        NoteTiming("wake_ms", watch.Elapsed);
    }

    private async Task<bool> TryAttachAsync(CancellationToken cancellationToken)
    {
        _sandbox = await _services.Sandboxes.TryAttachAsync(this, cancellationToken).ConfigureAwait(false);
        _mayRunAlready = false;
        return _sandbox is not null;
    }

    /// <summary>Counts what the customer used.</summary>
    public void NoteUsage(string meter, double amount) => _services.Usage.Add(Id, meter, amount);

    /// <summary>Gets what its sandbox uses of the host; <see langword="null"/> where none runs.</summary>
    public SandboxUsage? ReadUsage() => _sandbox is { Lost.IsCompleted: false } sandbox ? sandbox.ReadUsage() : null;

    /// <exception cref="OnCellException">The customer has used up a quota of the month.</exception>
    public void DemandQuota() => _services.Quotas.Demand(Id, Record.Quotas);

    internal void NoteEgress(EgressEvent e)
    {
        _egress.Add(e);
        if (e.Closed)
        {
            NoteUsage(UsageMeters.EgressBytes, e.BytesOut);
            NoteUsage(UsageMeters.IngressBytes, e.BytesIn);
        }
        else
        {
            Feed.Add("egress", JsonSerializer.SerializeToNode(e, OnCellJson.Options)!.AsObject());
        }
    }

    private void ThrowIfShut()
    {
        if (_shut) throw new OnCellException(OnCellError.Conflict, $"The cell of \"{Id}\" is gone ({Record.State}).");
        if (_ended) throw new OnCellException(OnCellError.Unavailable, "This service is stopping. Try again in a moment.");
    }

    private async Task LetGoAsync()
    {
        if (_sandbox is { } sandbox) await sandbox.DisposeAsync().ConfigureAwait(false);
        _sandbox = null;
    }

    private async Task CloseFilesAsync()
    {
        await CloseIndexAsync().ConfigureAwait(false);
        if (_journal is { } journal) await journal.DisposeAsync().ConfigureAwait(false);
        _journal = null;
    }

    private async Task CloseIndexAsync()
    {
        if (_index is { } index) await index.DisposeAsync().ConfigureAwait(false);
        _index = null;
    }

    private sealed record KnownSpec(string CodeVersion, CellSpec Spec);
}
