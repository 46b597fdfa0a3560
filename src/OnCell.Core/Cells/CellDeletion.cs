namespace OnCell.Cells;

/// <summary>Removes a cell that the registry holds as <see cref="CellState.Deleting"/>. Killed at any moment, it can be repeated.</summary>
internal sealed class CellDeletion(CellTable cells)
{
    public async Task RunAsync(LiveCell cell, CancellationToken cancellationToken)
    {
        cell.SetState(CellState.Deleting);
        await cell.Queue.DisposeAsync().ConfigureAwait(false);
        await cell.ShutAsync(cancellationToken).ConfigureAwait(false);
        var folder = cells.Services.Paths.Cell(cell.Id);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        cells.Services.ApiKeys.RemoveOf(cell.Id);
        cells.Services.Secrets.RemoveOf(cell.Id);
        cells.Services.Webhooks.RemoveOf(cell.Id);
        cells.Services.Registry.Remove(cell.Id);
        cells.Remove(cell);
    }
}
