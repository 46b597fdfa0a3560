using OnCell.Sandboxes;

namespace OnCell.Cells;

internal sealed partial class LiveCell
{
    /// <summary>Pauses the cell.</summary>
    /// <returns>Whether it is paused now; <see langword="false"/> where it is in use.</returns>
    public async Task<bool> TryPauseAsync(PauseTier tier, CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Volatile.Read(ref _leases) > 0) return false;
            if (Record.State is not (CellState.Active or CellState.Paused)) return false;
            if (_sandbox is null && _mayRunAlready) await TryAttachAsync(cancellationToken).ConfigureAwait(false);
            if (_sandbox is null || (Record.Tier is { } now && now >= tier)) return true;
            var before = (Record.State, Record.Tier);
            SetState(CellState.Pausing, Record.Tier);
            PauseTier reached;
            try
            {
                reached = await PauseAsync(_sandbox, tier, cancellationToken).ConfigureAwait(false);
            }
            catch (SandboxBusyException) when (tier == PauseTier.Checkpointed)
            {
                if (before.Tier == PauseTier.Frozen) await _sandbox!.FreezeAsync(cancellationToken).ConfigureAwait(false);
                SetState(before.State, before.Tier);
                return false;
            }
            catch (Exception e)
            {
                await ShowAsItIsAsync(before, e.Message).ConfigureAwait(false);
                throw;
            }

            SetState(CellState.Paused, reached);
            return true;
        }
    }

    /// <summary>Counts the processes in its sandbox; <see langword="null"/> where none runs, or it cannot be told.</summary>
    public async Task<int?> CountProcessesAsync(CancellationToken cancellationToken) =>
        _sandbox is { Lost.IsCompleted: false } sandbox ? await sandbox.CountProcessesAsync(cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Does something to the disk of a cell that nobody uses, with its sandbox ended.</summary>
    /// <returns>Whether it was done; <see langword="false"/> where the cell is in use.</returns>
    public async Task<bool> TryWithStoppedAsync(Func<Task> change, CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            ThrowIfShut();
            if (Volatile.Read(ref _leases) > 0) return false;
            if (_sandbox is null && _mayRunAlready) await TryAttachAsync(cancellationToken).ConfigureAwait(false);
            if (_sandbox is { } sandbox) await PauseAsync(sandbox, PauseTier.Stopped, cancellationToken).ConfigureAwait(false);
            SetState(CellState.Paused, PauseTier.Stopped);
            await change().ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Does something that must not meet a wake, a pause or a removal.</summary>
    public async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            ThrowIfShut();
            return await work().ConfigureAwait(false);
        }
    }

    /// <summary>Copies the disk as it is at this moment; the cell may run.</summary>
    /// <exception cref="OnCellException">The customer's quota of storage does not allow it.</exception>
    public Task<SandboxSnapshot> CreateSnapshotAsync(string? name, CancellationToken cancellationToken) => InTurnAsync(
        () =>
        {
            // The oldest goes where there are as many as are kept.
            _services.Quotas.DemandStorage(Id, Record.Quotas, "With this snapshot", () => DiskBytes()
                + ListSnapshots().TakeLast(_services.Options.KeepSnapshots - 1).Sum(s => s.Bytes) + _services.Runtime.Snapshots.Measure(_services.Paths.Cell(Id)));
            return _services.Runtime.Snapshots.CreateAsync(new SandboxId(Id), _services.Paths.Cell(Id), name, cancellationToken);
        },
        cancellationToken);

    public IReadOnlyList<SandboxSnapshot> ListSnapshots() => _services.Runtime.Snapshots.List(_services.Paths.Cell(Id));

    /// <summary>Gets what counts as the customer's storage: the disk that its cell was promised, and its snapshots as they lie there.</summary>
    public long MeasureStorage()
    {
        try
        {
            return DiskBytes() + ListSnapshots().Sum(s => s.Bytes);
        }
        catch (NotSupportedException)
        {
            return DiskBytes(); // a runtime without snapshots
        }
    }

    private long DiskBytes()
    {
        try
        {
            return CellSize.ParseStorage(Spec.Storage);
        }
        catch (OnCellException)
        {
            return 0; // its agent is gone or cannot say, and says so where the cell is used
        }
    }

    /// <returns>The tier that was reached: a runtime without checkpoints stops the sandbox instead.</returns>
    private async Task<PauseTier> PauseAsync(Sandbox sandbox, PauseTier tier, CancellationToken cancellationToken)
    {
        if (tier == PauseTier.Frozen)
        {
            await sandbox.FreezeAsync(cancellationToken).ConfigureAwait(false);
            return tier;
        }

        if (tier == PauseTier.Checkpointed && !await TryCheckpointAsync(sandbox, cancellationToken).ConfigureAwait(false)) tier = PauseTier.Stopped;
        if (tier == PauseTier.Stopped) await sandbox.StopAsync(cancellationToken).ConfigureAwait(false);
        await LetGoAsync().ConfigureAwait(false);
        await CloseIndexAsync().ConfigureAwait(false);
        return tier;
    }

    private static async Task<bool> TryCheckpointAsync(Sandbox sandbox, CancellationToken cancellationToken)
    {
        try
        {
            await sandbox.CheckpointAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private async Task ShowAsItIsAsync((CellState State, PauseTier? Tier) before, string reason)
    {
        if (_sandbox is { Lost.IsCompleted: true }) await LetGoAsync().ConfigureAwait(false);
        if (_sandbox is null) SetState(CellState.Paused, PauseTier.Stopped, reason);
        else SetState(before.State, before.Tier, reason);
    }
}
