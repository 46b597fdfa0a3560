namespace OnCell.Sandboxes.Images;

/// <summary>Where packages come from.</summary>
/// <param name="Suite">The release, such as <c>bookworm</c>.</param>
/// <param name="Lines">Lines of a sources.list, such as <c>deb http://deb.debian.org/debian bookworm main</c>.</param>
public sealed record PackageSource(string Suite, IReadOnlyList<string> Lines)
{
    /// <summary>Gets a release of Debian other than the host's, from the host's mirror where the host is Debian.</summary>
    /// <param name="suite">The release, such as <c>forky</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>Its signatures are verified with the host's Debian keyring (package <c>debian-archive-keyring</c>).</remarks>
    public static Task<PackageSource> DebianAsync(string suite, CancellationToken cancellationToken) =>
        HostPackageSource.DebianSuiteAsync(suite, TimeSpan.FromMinutes(1), cancellationToken);
}

/// <summary>Settings of <see cref="ImageStore"/>.</summary>
public sealed class ImageStoreOptions
{
    /// <summary>Gets or sets the folder that holds the images.</summary>
    /// <value>The default is <c>/var/cache/oncell/images</c>.</value>
    public string Folder { get; set; } = "/var/cache/oncell/images";

    /// <summary>Gets or sets where packages come from.</summary>
    /// <value>The default is <see langword="null"/>: the host's own release and mirrors on Debian and Ubuntu, else Debian's.</value>
    public PackageSource? Source { get; set; }

    /// <summary>Gets or sets how long a build may take, waiting for another one included.</summary>
    /// <value>The default is 30 minutes.</value>
    public TimeSpan BuildTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets the limits of images that are imported.</summary>
    public ImageLimits Limits { get; } = new();

    /// <summary>Gets or sets how old the list of known packages may be before it is fetched anew.</summary>
    /// <value>The default is 1 day.</value>
    public TimeSpan CatalogAge { get; set; } = TimeSpan.FromDays(1);
}
