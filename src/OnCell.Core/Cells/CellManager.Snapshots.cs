using OnCell.Sandboxes;

namespace OnCell.Cells;

internal sealed partial class CellManager
{
    public async Task<SandboxSnapshot> CreateSnapshotAsync(string customer, string? name, CancellationToken cancellationToken)
    {
        var cell = Usable(customer);
        return await Told(() => cell.CreateSnapshotAsync(name, cancellationToken)).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<SandboxSnapshot>> ListSnapshotsAsync(string customer, CancellationToken cancellationToken) =>
        Told(() => Task.FromResult(host.Cells.Get(customer).ListSnapshots()));

    public async Task<CellInfo> RestoreSnapshotAsync(string customer, string name, CancellationToken cancellationToken)
    {
        var cell = Usable(customer);
        await cell.Queue.SettleAsync(cancellationToken).ConfigureAwait(false);
        RequireSnapshot(cell, name);
        var restored = !cell.Queue.Busy && await Told(() => cell.TryWithStoppedAsync(
            () => Snapshots.RestoreAsync(new SandboxId(customer), FolderOf(cell), name, cancellationToken), cancellationToken)).ConfigureAwait(false);
        return restored ? cell.Info : throw new OnCellException(OnCellError.Conflict,
            $"The cell of \"{customer}\" is in use; a snapshot can be restored when its run has ended, or cancel the run.");
    }

    public async Task DeleteSnapshotAsync(string customer, string name, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        await Told(() => cell.InTurnAsync(
            async () =>
            {
                RequireSnapshot(cell, name);
                await Snapshots.RemoveAsync(new SandboxId(customer), FolderOf(cell), name, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken)).ConfigureAwait(false);
    }

    public async Task<CellInfo> ForkAsync(
        string customer, CustomerRequest request, string? snapshot, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        var origin = Usable(customer);
        if (snapshot is not null) RequireSnapshot(origin, snapshot);
        var fork = request with { Agent = request.Agent ?? origin.Record.Agent, Environment = origin.Record.Environment, Quotas = request.Quotas ?? origin.Record.Quotas };
        return await CreateAsync(fork, customer, snapshot, progress, cancellationToken).ConfigureAwait(false);
    }

    private ISandboxSnapshots Snapshots => host.Cells.Services.Runtime.Snapshots;

    private string FolderOf(LiveCell cell) => host.Cells.Services.Paths.Cell(cell.Id);

    private LiveCell Usable(string customer)
    {
        var cell = host.Cells.Get(customer);
        cell.ThrowIfNotReady();
        return cell;
    }

    private static void RequireSnapshot(LiveCell cell, string name)
    {
        if (cell.ListSnapshots().All(s => s.Name != name))
            throw new OnCellException(OnCellError.NotFound, $"The cell of \"{cell.Id}\" has no snapshot \"{Shown.Short(name)}\".") { Field = "snapshot" };
    }

    /// <summary>Turns what the sandbox library says into what callers of the service know.</summary>
    private static async Task<T> Told<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            throw new OnCellException(OnCellError.Invalid, Shown.Plainly(e), e) { Field = e.ParamName };
        }
        catch (SandboxException e)
        {
            throw new OnCellException(OnCellError.Conflict, e.Message, e);
        }
        catch (NotSupportedException e)
        {
            throw new OnCellException(OnCellError.Invalid, e.Message, e);
        }
    }
}
