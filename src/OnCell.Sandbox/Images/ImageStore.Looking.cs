using System.Globalization;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Images.Archives;

namespace OnCell.Sandboxes.Images;

public sealed partial class ImageStore
{
    /// <summary>What an image takes on the disk, noted beside it: it never changes, and counting takes a look at each of its files.</summary>
    private const string SizeNote = "size";

    /// <summary>Lists the images that are there, with what each takes on the disk and when it was last asked for.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <remarks>This does not count as asking for them. The first look at an image counts its files, which takes a moment.</remarks>
    /// <exception cref="SandboxException">Files cannot be counted.</exception>
    public async Task<IReadOnlyList<StoredImage>> ListStoredAsync(CancellationToken cancellationToken = default)
    {
        var stored = new List<StoredImage>();
        foreach (var image in await ListAsync(cancellationToken).ConfigureAwait(false))
        {
            var folder = Path.Combine(_options.Folder, image.Digest);
            var bytes = ReadSize(folder) ?? await MeasureAsync(folder, cancellationToken).ConfigureAwait(false);
            var note = new FileInfo(Path.Combine(folder, Note));
            if (note.Exists) stored.Add(new StoredImage(image, bytes, note.LastWriteTimeUtc)); // else it was removed meanwhile
        }

        return stored;
    }

    /// <summary>Finds the image of a spec; none is built, and it does not count as asked for.</summary>
    /// <param name="spec">What it is made of.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see langword="null"/> where it is not there.</returns>
    /// <exception cref="SandboxException">A name cannot be a package.</exception>
    public async Task<SandboxImage?> FindAsync(ImageSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var packages = PackageNames.Resolve(spec.Packages);
        var built = Find(Digest(_options.Source?.Suite ?? HostPackageSource.GuessSuite(), packages));
        if (built is not null || _options.Source is not null)
            return built;
        var source = await HostPackageSource.ReadAsync(ToolTimeout, cancellationToken).ConfigureAwait(false);
        return Find(Digest(source.Suite, packages));
    }

    /// <summary>Finds the image that a layout or archive gave when it was imported; it does not count as asked for.</summary>
    /// <param name="path">The layout's folder, or the archive.</param>
    /// <returns><see langword="null"/> where it was not imported, was changed since, or is gone.</returns>
    public SandboxImage? FindImport(string path) => new ImportNotes(_options.Folder).Find(Path.GetFullPath(path)) is { } digest ? Find(digest) : null;

    /// <summary>Finds the image that was imported with a configuration, named by its digest (<c>sha256:…</c>).</summary>
    internal SandboxImage? FindImported(string configDigest) => Find(DigestOfImport(configDigest));

    private static long? ReadSize(string folder)
    {
        try
        {
            return long.TryParse(File.ReadAllText(Path.Combine(folder, SizeNote)), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // not counted yet
        }
    }

    private static async Task<long> MeasureAsync(string folder, CancellationToken cancellationToken)
    {
        // What du may not read it leaves out, and ends with an error; what it counted it says all the same.
        var counted = await HostCommand.RunAsync("du", ["--summarize", "--block-size=1", "--one-file-system", "--", folder], ToolTimeout, cancellationToken)
            .ConfigureAwait(false);
        if (!long.TryParse(counted.Output.Split('\t')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            return Directory.Exists(folder) ? throw new SandboxException($"'du' does not say what {folder} takes: {counted.Reason}") : 0;
        try
        {
            // Written beside its place: another process may look at this moment.
            var aside = Path.Combine(folder, $".{SizeNote}-{Guid.NewGuid():n}");
            await File.WriteAllTextAsync(aside, bytes.ToString(CultureInfo.InvariantCulture), CancellationToken.None).ConfigureAwait(false);
            File.Move(aside, Path.Combine(folder, SizeNote), overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The folder is another user's, or gone: it is counted again the next time.
        }

        return bytes;
    }
}
