using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Volumes;

/// <summary>
/// The disk of one sandbox: a sparse ext4 image, mounted only while the sandbox runs. Its size is all that the
/// sandbox can ever write; when it is full the sandbox gets ENOSPC and nobody else notices.
/// </summary>
/// <remarks>
/// Everything in it was written by the sandbox. The host makes the folders of the first level, which are out of the
/// sandbox's reach, and follows no path below them.
/// </remarks>
internal sealed partial class CellVolume(string folder, VolumeOptions options)
{
    internal const long MinimumBytes = 64L << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    // noinit_itable: the kernel would otherwise fill the sparse image with empty inode tables in the background.
    // discard: what the sandbox deletes goes back to the host's disk.
    private const string MountOptions = "noinit_itable,discard,errors=remount-ro";

    /// <summary>Gets the sparse image.</summary>
    internal string ImagePath { get; } = Path.Combine(folder, "volume.img");

    /// <summary>Gets where the image is mounted.</summary>
    internal string MountPoint { get; } = Path.Combine(folder, "volume");

    /// <summary>Gets the folder that is <c>/work</c>.</summary>
    internal string Work => Path.Combine(MountPoint, "work");

    /// <summary>Gets the folder that is <c>/tmp</c>.</summary>
    internal string Temporary => Path.Combine(MountPoint, "tmp");

    /// <summary>Gets the folder that is <c>/var/lib/oncell</c>.</summary>
    internal string Guest => Path.Combine(MountPoint, "guest");

    /// <summary>Gets the writable layer over the image.</summary>
    internal string Upper => Path.Combine(MountPoint, "root", "upper");

    /// <summary>Gets the overlay's own working folder.</summary>
    internal string OverlayWork => Path.Combine(MountPoint, "root", "work");

    /// <summary>Makes the image where it is missing and mounts it where it is not mounted.</summary>
    /// <exception cref="SandboxException">The host's disk is too full, or the kernel refused.</exception>
    internal async Task MountAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, OwnerOnly);
        File.SetUnixFileMode(folder, OwnerOnly);
        if (!Exists)
            await FormatAsync(sizeBytes, cancellationToken).ConfigureAwait(false);
        Directory.CreateDirectory(MountPoint);
        if (MountTable.IsMounted(MountPoint))
        {
            FrozenFileSystem.Thaw(MountPoint);
            return;
        }

        await LoopDevice.WaitDetachedAsync(ImagePath, cancellationToken).ConfigureAwait(false);
        using (var device = LoopDevice.Attach(ImagePath))
            Mounts.Mount(device.Path, MountPoint, "ext4", MountOptions);
        ForgetOrigin();
        MakeFolders();
    }

    /// <summary>Makes the folders of the first level where they are missing.</summary>
    internal void MakeFolders()
    {
        foreach (var path in (string[])[Work, Temporary, Guest, Upper, OverlayWork])
            Directory.CreateDirectory(path);
        File.SetUnixFileMode(Temporary, Everyone | UnixFileMode.StickyBit);
    }

    /// <summary>Unmounts the image, which also frees its loop device. The files stay in it.</summary>
    internal async Task UnmountAsync(CancellationToken cancellationToken)
    {
        await Mounts.UnmountAsync(MountPoint).ConfigureAwait(false);
        await LoopDevice.WaitDetachedAsync(ImagePath, cancellationToken).ConfigureAwait(false);
    }

    private async Task FormatAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        if (sizeBytes < MinimumBytes)
            throw new SandboxException(
                $"A volume of {sizeBytes} bytes is too small: the least is {MinimumBytes >> 20} MiB. Ask for more storage.");
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < options.MinimumFreeBytes)
            throw new SandboxException(
                $"No new volume in {folder}: its disk has {free >> 20} MiB free and {options.MinimumFreeBytes >> 20} MiB are kept in reserve. "
                + "Free some space, or lower VolumeOptions.MinimumFreeBytes.");

        // Made aside and renamed, so that a killed process leaves no half-made volume under the name that counts.
        foreach (var leftover in Directory.GetFiles(folder, "volume.img.new-*"))
            File.Delete(leftover);
        var aside = $"{ImagePath}.new-{Guid.NewGuid():N}";
        try
        {
            using (var image = File.OpenHandle(aside, FileMode.CreateNew, FileAccess.Write))
                RandomAccess.SetLength(image, sizeBytes);
            File.SetUnixFileMode(aside, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await HostCommand.RunCheckedAsync(
                "mkfs.ext4",
                ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0", aside],
                options.FormatTimeout, cancellationToken).ConfigureAwait(false);
            File.Move(aside, ImagePath);
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
