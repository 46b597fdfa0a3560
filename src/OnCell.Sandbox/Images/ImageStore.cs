using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnCell.Sandboxes.Images;

/// <summary>Base systems of sandboxes: built once from packages, named by their inputs, shared read-only.</summary>
/// <remarks>Several processes may share one folder. An image is built aside and renamed, so one that is there is whole.</remarks>
public sealed class ImageStore
{
    // Raised when the recipe changes, so that images of the old one are not taken for the new.
    private const string Recipe = "oncell-image-1";

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
        var source = _options.Source
            ?? await HostPackageSource.ReadAsync(ToolTimeout, cancellationToken).ConfigureAwait(false);
        var digest = Digest(source.Suite, packages);
        if (Find(digest) is { } existing)
            return existing;

        Directory.CreateDirectory(_options.Folder);
        progress?.Report(new ImageProgress("check", $"checking {packages.Count} packages in {source.Suite}"));
        var catalog = new PackageCatalog(
            Path.Combine(_options.Folder, ".catalog-" + source.Suite), source, _options.CatalogAge, ToolTimeout);
        await catalog.RequireAsync(packages, cancellationToken).ConfigureAwait(false);
        var manifest = JsonSerializer.Serialize(new ImageManifest(source.Suite, packages), ImageJson.Default.ImageManifest);
        await new ImageBuilder(_options).BuildAsync(digest, source, packages, manifest, progress, cancellationToken)
            .ConfigureAwait(false);
        return Find(digest) ?? throw new SandboxException($"Image {digest} was built and is gone again: was it pruned at the same time?");
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

    /// <summary>Removes every image but the named ones.</summary>
    /// <param name="inUse">The digests to keep. An image under a running sandbox must be among them.</param>
    /// <param name="cancellationToken">Ends the work between two images.</param>
    /// <returns>The removed ones.</returns>
    public async Task<IReadOnlyList<SandboxImage>> PruneAsync(
        IReadOnlySet<string> inUse, CancellationToken cancellationToken = default)
    {
        var images = await ListAsync(cancellationToken).ConfigureAwait(false);
        var unused = images.Where(image => !inUse.Contains(image.Digest)).ToList();
        foreach (var image in unused)
            await new ImageBuilder(_options).RemoveAsync(image.Digest, cancellationToken).ConfigureAwait(false);
        return unused;
    }

    private static string Digest(string suite, IReadOnlyList<string> packages)
    {
        var inputs = string.Join('\n', [Recipe, RuntimeInformation.OSArchitecture.ToString(), suite, .. packages]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(inputs)).AsSpan(0, 12));
    }

    private SandboxImage? Find(string digest)
    {
        var folder = Path.Combine(_options.Folder, digest);
        var file = Path.Combine(folder, "image.json");
        if (digest.StartsWith('.') || !File.Exists(file))
            return null;
        var manifest = JsonSerializer.Deserialize(File.ReadAllText(file), ImageJson.Default.ImageManifest)!;
        return new SandboxImage(digest, Path.Combine(folder, "rootfs"), manifest.Suite, manifest.Packages);
    }
}

/// <summary>What is kept beside an image.</summary>
internal sealed record ImageManifest(string Suite, IReadOnlyList<string> Packages);

[JsonSerializable(typeof(ImageManifest))]
internal sealed partial class ImageJson : JsonSerializerContext;
