namespace OnCell.Sandboxes;

/// <summary>Copies of sandboxes' volumes: to go back to, and to begin other sandboxes with.</summary>
/// <remarks>
/// A snapshot is the whole disk as it was at one moment, as after a power cut: files that were written and not yet closed
/// may be partly there. Processes are not in it. It lies beside the volume, in the sandbox's folder.
/// </remarks>
public interface ISandboxSnapshots
{
    /// <summary>Tells whether there is a volume in a sandbox's folder.</summary>
    /// <param name="folder">Its <see cref="SandboxSpec.Folder"/>.</param>
    bool HasVolume(string folder);

    /// <summary>Gets what a copy of a volume would take on the host's disk at this moment, in bytes; 0 where there is no volume.</summary>
    /// <param name="folder">The sandbox's <see cref="SandboxSpec.Folder"/>.</param>
    long Measure(string folder);

    /// <summary>Copies a volume, also while its sandbox runs: writes to it wait until the copy is made.</summary>
    /// <param name="id">The sandbox.</param>
    /// <param name="folder">Its <see cref="SandboxSpec.Folder"/>.</param>
    /// <param name="name">1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>, starting with a letter or digit; or <see langword="null"/> for the time.</param>
    /// <param name="cancellationToken">Ends the copying; nothing is kept then.</param>
    /// <remarks>Beyond <see cref="VolumeOptions.KeepSnapshots"/> the oldest are removed.</remarks>
    /// <exception cref="ArgumentException">The name cannot be one.</exception>
    /// <exception cref="SandboxException">There is no volume, the name is taken, or the host's disk is too full.</exception>
    Task<SandboxSnapshot> CreateAsync(SandboxId id, string folder, string? name, CancellationToken cancellationToken);

    /// <summary>Lists the snapshots of a sandbox, oldest first.</summary>
    /// <param name="folder">Its <see cref="SandboxSpec.Folder"/>.</param>
    IReadOnlyList<SandboxSnapshot> List(string folder);

    /// <summary>Puts a snapshot in the place of the volume. What was written since is lost.</summary>
    /// <exception cref="SandboxException">The sandbox runs, or there is no such snapshot.</exception>
    Task RestoreAsync(SandboxId id, string folder, string name, CancellationToken cancellationToken);

    /// <summary>Removes a snapshot. None there is not an error.</summary>
    Task RemoveAsync(SandboxId id, string folder, string name, CancellationToken cancellationToken);

    /// <summary>Makes the volume of a new sandbox out of another's, or out of a snapshot of it.</summary>
    /// <param name="id">The sandbox that is copied; it may run.</param>
    /// <param name="folder">Its <see cref="SandboxSpec.Folder"/>.</param>
    /// <param name="snapshot">The snapshot, or <see langword="null"/> for the volume as it is now.</param>
    /// <param name="newFolder">The <see cref="SandboxSpec.Folder"/> of the new one, which has no volume yet.</param>
    /// <param name="cancellationToken">Ends the copying; nothing is left then.</param>
    /// <remarks>All files are copied but what the guest kept of keyed commands: to the new sandbox every key is unknown.</remarks>
    /// <exception cref="SandboxException">There is no such volume or snapshot, or the new folder has a volume.</exception>
    Task ForkAsync(SandboxId id, string folder, string? snapshot, string newFolder, CancellationToken cancellationToken);
}

/// <summary>A copy of a sandbox's volume.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Bytes">What it takes on the host's disk, in bytes, where nothing is shared with another file.</param>
public sealed record SandboxSnapshot(string Name, DateTimeOffset Created, long Bytes);
