using OnCell.Sandboxes;

namespace OnCell;

/// <summary>Looks into a customer's cell from outside: its files, its latest events. Secrets are removed from what it shows.</summary>
public interface ICellInspector
{
    /// <summary>Lists a folder of the cell; wakes it.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="path">Absolute in the cell, or relative to <c>/work</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OnCellException">There is no such customer or folder.</exception>
    Task<IReadOnlyList<SandboxFile>> ListFilesAsync(string customer, string path, CancellationToken cancellationToken);

    /// <summary>Reads a file of the cell; wakes it.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="path">Absolute in the cell, or relative to <c>/work</c>.</param>
    /// <param name="maxBytes">The most that is read; a larger file is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OnCellException">There is no such customer or file, or it is too large.</exception>
    Task<byte[]> ReadFileAsync(string customer, string path, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Gets the latest events of a cell, at most 1,000 of this process.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="afterSequence">Only those after this number; 0 for all.</param>
    IReadOnlyList<CellEvent> ListEvents(string customer, long afterSequence);

    /// <summary>Streams a cell's events: those there are, then those to come, until it is cancelled.</summary>
    IAsyncEnumerable<CellEvent> FollowEventsAsync(string customer, long afterSequence, CancellationToken cancellationToken);
}
