using OnCell.Sandboxes;

namespace OnCell.Cells;

/// <summary>Gives a cell its sandbox: a real one, or that of a test.</summary>
internal interface ICellSandboxes
{
    /// <summary>Gets whether it mounts and makes control groups, which only root may.</summary>
    bool NeedsRoot => true;

    /// <summary>Gets whether cells are made of base systems of the image folder. Where not, nothing there is the service's to remove.</summary>
    bool UsesImages => true;

    /// <summary>Starts the sandbox of a cell.</summary>
    Task<Sandbox> StartAsync(LiveCell cell, IProgress<CellProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Checks what cells are made of and has their base system built.</summary>
    Task PrepareAsync(string agent, CellSpec spec, IProgress<CellProgress>? progress, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Finds the base system of cells by its digest; <see langword="null"/> where it is not there yet. None is built.</summary>
    Task<string?> FindImageAsync(CellSpec spec, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Has what a first sandbox of a kind would wait for made ready.</summary>
    Task WarmAsync(CellSpec spec, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes over the sandbox that an earlier process left running, if it still does.</summary>
    Task<Sandbox?> TryAttachAsync(LiveCell cell, CancellationToken cancellationToken);
}
