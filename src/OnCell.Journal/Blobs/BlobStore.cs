using System.Security.Cryptography;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Blobs;

/// <summary>
/// Large values as files named by their SHA-256, each on the disk before the record that names it: temporary file, fsync,
/// rename, fsync of the folder, and only then the commit. A value stored twice is one file.
/// </summary>
internal sealed class BlobStore(string folder, StorageFaults faults)
{
    // Held while a file gets its name and while one loses it, so that a value stored again is not swept away.
    private readonly object _names = new();

    public string Folder { get; } = folder;

    /// <summary>Stores a value.</summary>
    /// <returns>Its name: the SHA-256 in hexadecimal.</returns>
    public async Task<string> WriteAsync(ReadOnlyMemory<byte> value, CancellationToken ct)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(value.Span));
        var path = PathOf(name);
        var parent = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            Storage.Folder.Sync(Path.GetDirectoryName(Folder)!);
            Storage.Folder.Sync(Folder);
        }

        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            await using (var file = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, useAsync: true))
            {
                await file.WriteAsync(value, ct).ConfigureAwait(false);
                faults.Hit(ProtocolPoint.BlobWritten);
                file.Flush(flushToDisk: true);
            }

            faults.Hit(ProtocolPoint.BlobSynced);
            lock (_names)
                File.Move(temporary, path, overwrite: true);
            faults.Hit(ProtocolPoint.BlobRenamed);
            Storage.Folder.Sync(parent);
            faults.Hit(ProtocolPoint.BlobFolderSynced);
            return name;
        }
        catch (IOException error)
        {
            File.Delete(temporary);
            throw new JournalStorageException($"the value file {path} cannot be written ({error.Message}): free space there.", error);
        }
    }

    /// <summary>Reads a value and checks it against its name.</summary>
    public async Task<byte[]> ReadAsync(string name, CancellationToken ct)
    {
        var path = PathOf(name);
        byte[] value;
        try
        {
            value = await File.ReadAllBytesAsync(path, ct).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new JournalCorruptException($"the value file {path} cannot be read ({error.Message}): restore it from a backup.", error);
        }

        return Convert.ToHexStringLower(SHA256.HashData(value)) == name
            ? value
            : throw new JournalCorruptException($"the value file {path} does not match its SHA-256: restore it from a backup.");
    }

    /// <summary>Deletes files that are older than a grace period and that no run needs.</summary>
    /// <returns>How many were deleted.</returns>
    public int Sweep(DateTime olderThanUtc, Func<string, bool> isNeeded)
    {
        if (!Directory.Exists(Folder))
            return 0;
        var swept = 0;
        foreach (var path in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            lock (_names)
            {
                if (File.GetLastWriteTimeUtc(path) >= olderThanUtc || isNeeded(Path.GetFileName(path)))
                    continue;
                File.Delete(path);
                swept++;
            }
        }

        return swept;
    }

    /// <summary>Copies a file that a backup needs.</summary>
    public void CopyTo(string name, string otherFolder)
    {
        var target = Path.Combine(otherFolder, name[..2], name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(PathOf(name), target, overwrite: true);
        using var file = File.OpenHandle(target, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        Storage.Folder.Sync(Path.GetDirectoryName(target)!);
    }

    public string PathOf(string name) => Path.Combine(Folder, name[..2], name);
}
