using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandboxes.Snapshots;

/// <summary>What copies of volumes need to know of one sandbox, whichever runtime holds it.</summary>
internal interface ISnapshotHome
{
    /// <summary>Gets the volume in a sandbox's folder.</summary>
    CellVolume Volume(string folder);

    /// <summary>Gets what runs of it, for people to read; <see langword="null"/> where nothing does.</summary>
    Task<string?> FindRunningAsync(CancellationToken cancellationToken);

    /// <summary>Removes what is left of one that does not run, but its volume's image; safe to repeat.</summary>
    Task ClearAsync(CancellationToken cancellationToken);
}
