using System.Buffers.Binary;

namespace OnCell.Sandboxes.Host;

/// <summary>Files with holes, such as volume images: a copy shares blocks where the file system can, and keeps the holes.</summary>
internal static class SparseFile
{
    private const uint BlocksWanted = 0x400;
    private const int StatBytes = 256;
    private const int BlocksOffset = 48;
    private const int BlockBytes = 512;

    /// <summary>Gets what a file takes on the disk, in bytes; 0 where there is none.</summary>
    internal static long AllocatedBytes(string path)
    {
        Span<byte> stat = stackalloc byte[StatBytes];
        return Libc.Stat(0, path, 0, BlocksWanted, stat) == 0
            ? BinaryPrimitives.ReadInt64LittleEndian(stat[BlocksOffset..]) * BlockBytes
            : 0;
    }

    /// <summary>Copies a file to one that is not there yet, by way of a name beside it: a killed process leaves no half copy.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">The copy's path; only root may read it.</param>
    /// <param name="reserve">The bytes of the target's disk that must stay free.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    /// <exception cref="SandboxException">The disk is too full, or copying failed.</exception>
    internal static async Task CopyAsync(string source, string target, long reserve, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(target)!;
        foreach (var leftover in Directory.GetFiles(folder, Path.GetFileName(target) + ".new-*"))
            File.Delete(leftover);
        var (free, needed) = (new DriveInfo(folder).AvailableFreeSpace, AllocatedBytes(source));
        if (free - needed < reserve)
            throw new SandboxException(
                $"{source} is not copied: it takes {needed >> 20} MiB, the disk of {folder} has {free >> 20} MiB free and {reserve >> 20} MiB are kept in "
                + "reserve. Free some space, remove snapshots, or lower VolumeOptions.MinimumFreeBytes.");
        var aside = $"{target}.new-{Guid.NewGuid():N}";
        try
        {
            await HostCommand.RunCheckedAsync(
                "cp", ["--reflink=auto", "--sparse=always", "--no-dereference", "--", source, aside], timeout, cancellationToken).ConfigureAwait(false);
            File.SetUnixFileMode(aside, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            using (var copy = File.OpenHandle(aside, FileMode.Open, FileAccess.ReadWrite))
                RandomAccess.FlushToDisk(copy);
            File.Move(aside, target, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
