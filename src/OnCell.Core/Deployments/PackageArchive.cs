using System.IO.Compression;
using System.Security.Cryptography;

namespace OnCell.Deployments;

/// <summary>Receives a package and unpacks it into a folder of its own, believing nothing that it says of itself.</summary>
internal static class PackageArchive
{
    private const int MaxFiles = 5_000;
    private const int MaxPathLength = 200;
    private const int UnpackedFactor = 4;
    private const int BufferSize = 1 << 16;
    private const int UnixTypeShift = 16 + 12;
    private const int UnixRegularFile = 8;

    /// <summary>Writes a package to a file, up to a limit.</summary>
    /// <returns>Its SHA-256 in hex, and its size.</returns>
    /// <exception cref="OnCellException">It is larger.</exception>
    public static async Task<(string Sha256, long Bytes)> ReceiveAsync(
        Stream package, string path, long limit, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[BufferSize];
        var bytes = 0L;
        while (await package.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            bytes += read;
            if (bytes > limit)
                throw Refused($"is larger than {limit >> 20} MB, which is the limit (OnCell:Deployments:MaxPackageMegabytes)");
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
    }

    /// <summary>Unpacks a package into an empty folder.</summary>
    /// <exception cref="OnCellException">It is no zip, or holds what must not be unpacked.</exception>
    public static async Task UnpackAsync(string path, string folder, long limit, CancellationToken cancellationToken)
    {
        try
        {
            await ZipDirectory.CheckAsync(path, MaxFiles, cancellationToken).ConfigureAwait(false);
            await using var archive = await ZipFile.OpenReadAsync(path, cancellationToken).ConfigureAwait(false);
            if (archive.Entries.Count > MaxFiles) throw Refused($"has {archive.Entries.Count} files; at most {MaxFiles} are taken");
            var left = limit * UnpackedFactor;
            var seen = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
            foreach (var entry in archive.Entries)
            {
                if (entry.FullName.EndsWith('/')) continue; // a folder; those that hold something are made with it
                Check(entry, seen);
                left = await WriteAsync(entry, Path.Combine(folder, entry.FullName), left, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException e)
        {
            throw Refused($"is no zip that can be read: {e.Message}", e);
        }
    }

    public static OnCellException Refused(string reason, Exception? cause = null) =>
        new(OnCellError.Invalid, $"The package {reason}.", cause) { Field = "package" };

    /// <param name="entry">The entry.</param>
    /// <param name="seen">The paths so far, and whether each is a file.</param>
    private static void Check(ZipArchiveEntry entry, Dictionary<string, bool> seen)
    {
        var name = entry.FullName;
        if (name.Length > MaxPathLength || name.Any(c => char.IsControl(c) || c is '\\' or ':')
            || name.Split('/').Any(part => part is "" or "." or ".."))
            throw Refused($"has a file \"{Shown(name)}\", which is no plain relative path");
        if ((uint)entry.ExternalAttributes >> UnixTypeShift is not (0 or UnixRegularFile))
            throw Refused($"has \"{Shown(name)}\", which is a link or a device; only files are taken");
        for (var end = name.IndexOf('/'); end >= 0; end = name.IndexOf('/', end + 1))
        {
            if (!seen.TryAdd(name[..end], false) && seen[name[..end]]) throw Refused($"has \"{Shown(name)}\" inside of a file");
        }

        if (!seen.TryAdd(name, true)) throw Refused($"has two files \"{Shown(name)}\"");
    }

    // What the entry says of its size is a claim; what comes out is counted.
    private static async Task<long> WriteAsync(ZipArchiveEntry entry, string path, long left, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var source = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[BufferSize];
        while (await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            left -= read;
            if (left < 0) throw Refused($"is more than {UnpackedFactor} times as large unpacked as a package may be");
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        return left;
    }

    private static string Shown(string name) => new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
}
