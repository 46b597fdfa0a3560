using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OnCell.Sandboxes.Images.Archives;

namespace OnCell.Sandboxes.Images;

/// <summary>Base systems of sandboxes: built once from packages, named by their inputs, shared read-only.</summary>
/// <remarks>Several processes may share one folder. An image is built aside and renamed, so one that is there is whole.</remarks>
public sealed partial class ImageStore
{
    // Raised when the recipe changes, so that images of the old one are not taken for the new.
    private const string Recipe = "oncell-image-1";

    private const string ImportRecipe = "oncell-import-1";
    private const string Imported = "imported";

    private static readonly TimeSpan ToolTimeout = TimeSpan.FromMinutes(5);

    private readonly ImageStoreOptions _options;

    /// <summary>Initializes a store.</summary>
    /// <param name="options">Its settings.</param>
    /// <exception cref="ArgumentException">The folder is not an absolute path.</exception>
    public ImageStore(ImageStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Path.IsPathFullyQualified(options.Folder))
            throw new ArgumentException($"The image folder \"{options.Folder}\" is not an absolute path.", nameof(options));
        _options = options;
    }

    /// <summary>Gets the image of a spec, building it first where it is not there yet.</summary>
    /// <param name="spec">What it is made of.</param>
    /// <param name="progress">Receives each step.</param>
    /// <param name="cancellationToken">Ends the build; nothing half-made is left.</param>
    /// <exception cref="SandboxException">A package is unknown (near matches are named), or the build failed.</exception>
    public async Task<SandboxImage> GetAsync(
        ImageSpec spec, IProgress<ImageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var packages = PackageNames.Resolve(spec.Packages);
        // Every start of a sandbox comes here, and asking apt for its sources takes half a second.
        if (Take(Digest(_options.Source?.Suite ?? HostPackageSource.GuessSuite(), packages)) is { } built)
            return built;
        var source = _options.Source
            ?? await HostPackageSource.ReadAsync(ToolTimeout, cancellationToken).ConfigureAwait(false);
        var digest = Digest(source.Suite, packages);
        if (Take(digest) is { } existing)
            return existing;

        Directory.CreateDirectory(_options.Folder);
        progress?.Report(new ImageProgress("check", $"checking {packages.Count} packages in {source.Suite}"));
        var catalog = new PackageCatalog(
            Path.Combine(_options.Folder, ".catalog-" + source.Suite), source, _options.CatalogAge, ToolTimeout);
        await catalog.RequireAsync(packages, cancellationToken).ConfigureAwait(false);
        var manifest = JsonSerializer.Serialize(new ImageManifest(source.Suite, packages), ImageJson.Default.ImageManifest);
        await new ImageBuilder(_options).BuildAsync(digest, source, packages, manifest, progress, cancellationToken)
            .ConfigureAwait(false);
        return Take(digest) ?? throw new SandboxException($"Image {digest} was built and is gone again: was it pruned at the same time?");
    }

    /// <summary>Gets the image that was saved as an OCI layout or by <c>docker save</c>, unpacking it first where it is not there yet.</summary>
    /// <param name="path">The layout's folder, or the archive: tar, compressed by gzip, zstd or not.</param>
    /// <param name="progress">Receives each step.</param>
    /// <param name="cancellationToken">Ends the work; nothing half-made is left.</param>
    /// <remarks>
    /// The archive may come from a stranger: every digest is compared, nothing is written outside of the image's folder whatever
    /// its paths and links say, and its size is bounded by <see cref="ImageStoreOptions.Limits"/>. Set-user bits, capabilities
    /// of files and device nodes are left behind. The image is named by its configuration, so the same one is unpacked once.
    /// </remarks>
    /// <exception cref="SandboxException">It is no image, for another machine, damaged, hostile or too large; nothing of it is left.</exception>
    public Task<SandboxImage> ImportAsync(
        string path, IProgress<ImageProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ImportAsync(path, Path.GetFullPath(path), progress, cancellationToken);

    /// <summary>Imports an image that people know by another name than that of the archive.</summary>
    internal async Task<SandboxImage> ImportAsync(
        string path, string origin, IProgress<ImageProgress>? progress, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        var notes = new ImportNotes(_options.Folder);
        if (notes.Find(path) is { } noted && Take(noted) is { } known)
            return known;
        Directory.CreateDirectory(_options.Folder);
        progress?.Report(new ImageProgress("wait", "waiting for the image folder"));
        using var _ = await FolderLock.TakeAsync(_options.Folder, _options.BuildTimeout, cancellationToken).ConfigureAwait(false);
        var image = await Task.Run(() => Import(path, origin, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        notes.Add(path, image.Digest);
        return image;
    }

    /// <summary>Lists the images that are there.</summary>
    public Task<IReadOnlyList<SandboxImage>> ListAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IReadOnlyList<SandboxImage> images = !Directory.Exists(_options.Folder)
            ? []
            : [.. Directory.GetDirectories(_options.Folder).Select(d => Find(Path.GetFileName(d))).OfType<SandboxImage>()];
        return Task.FromResult(images);
    }

    /// <summary>Takes the image that was imported with a configuration, named by its digest (<c>sha256:…</c>).</summary>
    internal SandboxImage? TakeImported(string configDigest) => Take(DigestOfImport(configDigest));

    private static string DigestOfImport(string configDigest) => Digest([ImportRecipe, configDigest]);

    private static string Digest(string suite, IReadOnlyList<string> packages) =>
        Digest([Recipe, RuntimeInformation.OSArchitecture.ToString(), suite, .. packages]);

    private static string Digest(IEnumerable<string> inputs) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', inputs))).AsSpan(0, 12));

    // The name of the folder aside is one that a build, or the next import, removes should this process be killed.
    private SandboxImage Import(string path, string origin, IProgress<ImageProgress>? progress, CancellationToken cancellationToken)
    {
        var importer = new ImageImporter(_options, progress);
        var aside = Path.Combine(_options.Folder, ".building-import");
        RemoveFolder(aside);
        Directory.CreateDirectory(aside);
        try
        {
            using var source = importer.Open(path, aside, cancellationToken);
            var contents = new ImageReader(source, _options.Limits).Read();
            var digest = DigestOfImport(contents.ConfigDigest);
            if (Take(digest) is { } existing)
                return existing;
            importer.Unpack(source, contents, Path.Combine(aside, "rootfs"), cancellationToken);
            File.Delete(Path.Combine(aside, ImageImporter.Decompressed));
            var manifest = new ImageManifest(Imported, []) { Environment = contents.Environment, Origin = origin };
            File.WriteAllText(Path.Combine(aside, Note), JsonSerializer.Serialize(manifest, ImageJson.Default.ImageManifest));
            ImageImporter.Sync(aside);
            var folder = Path.Combine(_options.Folder, digest);
            RemoveFolder(folder); // without a note it is no image
            Directory.Move(aside, folder);
            return Find(digest)!;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new SandboxException($"The image {path} could not be imported into {_options.Folder}: {error.Message}", error);
        }
        finally
        {
            RemoveFolder(aside);
        }
    }

    private SandboxImage? Find(string digest)
    {
        var folder = Path.Combine(_options.Folder, digest);
        var file = Path.Combine(folder, Note);
        if (digest.StartsWith('.') || !File.Exists(file))
            return null;
        string note;
        try
        {
            note = File.ReadAllText(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // it is being removed at this moment
        }

        var manifest = JsonSerializer.Deserialize(note, ImageJson.Default.ImageManifest)!;
        return new SandboxImage(digest, Path.Combine(folder, "rootfs"), manifest.Suite, manifest.Packages)
        {
            // An image of an earlier release has none, and what JSON lacks is null to its generated reader.
            Environment = manifest.Environment ?? new Dictionary<string, string>(),
            Origin = manifest.Origin,
        };
    }
}

/// <summary>What is kept beside an image.</summary>
internal sealed record ImageManifest(string Suite, IReadOnlyList<string> Packages)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? Origin { get; init; }
}

[JsonSerializable(typeof(ImageManifest))]
internal sealed partial class ImageJson : JsonSerializerContext;
