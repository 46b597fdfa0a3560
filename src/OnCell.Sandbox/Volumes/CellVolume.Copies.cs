using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Volumes;

internal sealed partial class CellVolume
{
    // Beside the image while the volume is a fork that was never mounted.
    private string ForkMark => Path.Combine(folder, "volume.fork");

    /// <summary>Gets whether the image is there.</summary>
    internal bool Exists => File.Exists(ImagePath);

    /// <summary>Lets writes go on that a process held up when it died in the middle of a copy.</summary>
    internal void Thaw()
    {
        if (MountTable.IsMounted(MountPoint)) // else the folder's own file system would be meant
            FrozenFileSystem.Thaw(MountPoint);
    }

    /// <summary>Copies the image as it is at one moment; where it is mounted, writes wait until that is done.</summary>
    /// <exception cref="SandboxException">There is no volume, the host's disk is too full, or the kernel refused.</exception>
    internal async Task CopyToAsync(string path, CancellationToken cancellationToken)
    {
        if (!Exists)
            throw new SandboxException($"There is no volume {ImagePath}: start the sandbox once.");
        using var frozen = MountTable.IsMounted(MountPoint) ? await FrozenFileSystem.AtAsync(MountPoint).ConfigureAwait(false) : null;
        await CopyImageAsync(ImagePath, path, cancellationToken).ConfigureAwait(false);
    }

    internal Task CopyImageAsync(string image, string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly);
        return SparseFile.CopyAsync(image, path, options.MinimumFreeBytes, options.CopyTimeout, cancellationToken);
    }

    /// <summary>Puts a copy of another image in the place of this one, which must not be mounted.</summary>
    internal async Task ReplaceAsync(string image, CancellationToken cancellationToken)
    {
        await LoopDevice.WaitDetachedAsync(ImagePath, cancellationToken).ConfigureAwait(false);
        await CopyImageAsync(image, ImagePath, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes this the volume of a new sandbox from a copy of another's image.</summary>
    /// <param name="copy">Makes the copy at a path.</param>
    /// <exception cref="SandboxException">There is a volume here already.</exception>
    internal async Task BecomeForkAsync(Func<string, Task> copy)
    {
        if (Exists)
            throw new SandboxException($"There is a volume {ImagePath} already: fork into a folder that has none.");
        Directory.CreateDirectory(folder, OwnerOnly);
        await File.WriteAllBytesAsync(ForkMark, []).ConfigureAwait(false); // before the image, so that no fork is without it
        await copy(ImagePath).ConfigureAwait(false);
    }

    // What the guest of the origin kept is not this sandbox's: its keys would be taken for commands that have run.
    // Nothing of the sandbox runs yet, and links in there are removed, not followed.
    private void ForgetOrigin()
    {
        if (!File.Exists(ForkMark))
            return;
        if (Directory.Exists(Guest))
            Directory.Delete(Guest, recursive: true);
        File.Delete(ForkMark);
    }
}
