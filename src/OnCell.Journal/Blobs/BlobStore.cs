using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Blobs;

/// <summary>
/// Large values as files named by their SHA-256, each on the disk before the record that names it: temporary file, fsync,
/// rename, fsync of the folder, and only then the commit. A value stored twice is one file.
/// </summary>
internal sealed class BlobStore(string folder, StorageFaults faults)
{
    private const int BufferBytes = 128 * 1024;

    // Held while a file gets its name and while one loses it, so that a value stored again is not swept away.
    private readonly object _names = new();

    // Written by a step whose end is not on the disk yet: never swept, whatever the clocks say.
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);

    public string Folder { get; } = folder;

    /// <summary>Stores a value. It is held until <see cref="Release"/>.</summary>
    /// <returns>Its name: the SHA-256 in hexadecimal.</returns>
    /// <remarks>Not cancellable: what a step has done must be recorded.</remarks>
    public async Task<string> WriteAsync(ReadOnlyMemory<byte> value)
    {
        using var content = MemoryMarshal.TryGetArray(value, out var bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
            : new MemoryStream(value.ToArray(), writable: false);
        return (await WriteAsync(content, CancellationToken.None).ConfigureAwait(false)).Sha256;
    }

    /// <summary>Stores a value of any length. It is held until <see cref="Release"/>.</summary>
    public async Task<KeptFile> WriteAsync(Stream content, CancellationToken ct)
    {
        var temporary = Path.Combine(Folder, $"{Guid.NewGuid():n}.tmp");
        Hold(Path.GetFileName(temporary));
        try
        {
            if (!Directory.Exists(Folder))
            {
                Directory.CreateDirectory(Folder);
                Storage.Folder.Sync(Path.GetDirectoryName(Folder)!);
            }

            var file = await WriteTemporaryAsync(temporary, content, ct).ConfigureAwait(false);
            faults.Hit(ProtocolPoint.BlobSynced);
            Name(temporary, PathOf(file.Sha256));
            return file;
        }
        catch (Exception error)
        {
            File.Delete(temporary);
            if (error is not (IOException or UnauthorizedAccessException))
                throw;
            throw new JournalStorageException($"a value file in {Folder} cannot be written ({error.Message}): free space there.", error);
        }
        finally
        {
            Release(Path.GetFileName(temporary));
        }
    }

    /// <summary>Lets go of a value: from now on it is kept for the runs that the file says need it.</summary>
    public void Release(string name)
    {
        lock (_names)
        {
            if (_held[name] == 1)
                _held.Remove(name);
            else
                _held[name]--;
        }
    }

    /// <summary>Reads a value and checks it against its name.</summary>
    public async Task<byte[]> ReadAsync(string name, CancellationToken ct)
    {
        var file = OpenRead(name);
        await using var _ = file.ConfigureAwait(false);
        using var value = new MemoryStream(checked((int)file.Length));
        await file.CopyToAsync(value, ct).ConfigureAwait(false);
        return value.ToArray();
    }

    /// <summary>Opens a value; reading its end fails unless it matches its name.</summary>
    public Stream OpenRead(string name)
    {
        var path = PathOf(name);
        try
        {
            return new VerifyingStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), name);
        }
        catch (IOException error)
        {
            throw new JournalCorruptException($"the value file {path} cannot be read ({error.Message}): restore it from a backup.", error);
        }
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
                var name = Path.GetFileName(path);
                if (File.GetLastWriteTimeUtc(path) >= olderThanUtc || _held.ContainsKey(name) || isNeeded(name))
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

    private async Task<KeptFile> WriteTemporaryAsync(string temporary, Stream content, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
        await using var _ = file.ConfigureAwait(false);
        try
        {
            while (await content.ReadAsync(buffer, ct).ConfigureAwait(false) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), ct).ConfigureAwait(false);
            }

            faults.Hit(ProtocolPoint.BlobWritten);
            file.Flush(faults.SyncFiles);
            return new KeptFile(Convert.ToHexStringLower(hash.GetHashAndReset()), file.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Name(string temporary, string path)
    {
        var parent = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            Storage.Folder.Sync(Folder);
        }

        lock (_names)
        {
            File.Move(temporary, path, overwrite: true);
            Hold(Path.GetFileName(path));
        }

        faults.Hit(ProtocolPoint.BlobRenamed);
        Storage.Folder.Sync(parent);
        faults.Hit(ProtocolPoint.BlobFolderSynced);
    }

    private void Hold(string name)
    {
        lock (_names)
            _held[name] = _held.GetValueOrDefault(name) + 1;
    }

    private string PathOf(string name) => Path.Combine(Folder, name[..2], name);
}
