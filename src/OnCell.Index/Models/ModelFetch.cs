using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace OnCell.Indexing;

/// <summary>One fetch of one file: downloads that go on where an earlier try ended.</summary>
/// <remarks>
/// What has been downloaded lies in a file of its own for each address until the whole is verified. A server that has
/// another version meanwhile answers <c>If-Range</c> with all of it; one that lies about it is found out by the hash.
/// </remarks>
internal sealed class ModelFetch(string name, string partialFolder, ModelSourceOptions options, HttpClient http, Action<ModelProgress>? report)
{
    private const int BufferBytes = 128 * 1024;

    public ModelSourceOptions Options => options;

    /// <summary>Gets whether a download went on with what an earlier call had left.</summary>
    public bool Resumed { get; private set; }

    public static byte[] NewBuffer() => new byte[BufferBytes];

    public static FileStream OpenRead(string path)
        => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);

    public void Report(string phase, long done, long total) => report?.Invoke(new ModelProgress(name, phase, done, total));

    /// <summary>Downloads an address whole and opens the file.</summary>
    public async Task<Stream> DownloadAsync(UrlOrigin origin, long maxBytes, CancellationToken ct)
    {
        if (!options.AllowDownloads) throw new IOException("downloads are switched off");
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin.Address.AbsoluteUri)))[..16];
        var path = Path.Combine(partialFolder, $"{name}-{key}");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await DownloadOnceAsync(origin.Address, path, maxBytes, ct).ConfigureAwait(false);
                return OpenRead(path);
            }
            catch (Exception e) when (attempt < options.Attempts && IsTransient(e) && !ct.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), options.TimeProvider, ct).ConfigureAwait(false);
            }
        }
    }

    private static bool IsTransient(Exception e) => e switch
    {
        HttpRequestException { StatusCode: { } status } => (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests,
        HttpRequestException or HttpIOException or TimeoutException => true,
        _ => false,
    };

    private async Task DownloadOnceAsync(Uri address, string path, long maxBytes, CancellationToken ct)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(ct);
        stall.CancelAfter(options.StallTimeout);
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        var validator = path + ".validator";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            AskForTheRest(request, file.Length, validator);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && response.Content.Headers.ContentRange?.Length == file.Length)
            {
                Resumed = true;
                return; // an earlier call had it all
            }

            if (!response.IsSuccessStatusCode)
            {
                if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) file.SetLength(0);
                throw new HttpRequestException($"the server answers {(int)response.StatusCode}", null, response.StatusCode);
            }

            if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != file.Length) file.SetLength(0);
            Resumed |= file.Length > 0;
            await File.WriteAllTextAsync(validator, response.Headers.ETag?.ToString() ?? "", stall.Token).ConfigureAwait(false);
            file.Seek(0, SeekOrigin.End);
            await CopyAsync(response, file, maxBytes, stall).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"no byte came for {options.StallTimeout.TotalSeconds:0.#} seconds");
        }
    }

    private static void AskForTheRest(HttpRequestMessage request, long have, string validator)
    {
        if (have == 0) return;
        request.Headers.Range = new RangeHeaderValue(have, null);
        if (File.Exists(validator) && EntityTagHeaderValue.TryParse(File.ReadAllText(validator), out var tag) && !tag.IsWeak)
            request.Headers.IfRange = new RangeConditionHeaderValue(tag);
    }

    private async Task CopyAsync(HttpResponseMessage response, FileStream file, long maxBytes, CancellationTokenSource stall)
    {
        var total = response.Content.Headers.ContentLength is { } rest ? file.Length + rest : -1;
        if (total > maxBytes) throw TooLong(total, maxBytes);
        await using var body = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        var buffer = NewBuffer();
        while (true)
        {
            stall.CancelAfter(options.StallTimeout);
            var read = await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
            if (read == 0) break;
            if (file.Position + read > maxBytes) throw TooLong(file.Position + read, maxBytes);
            await file.WriteAsync(buffer.AsMemory(0, read), stall.Token).ConfigureAwait(false);
            Report("download", file.Position, total);
        }
    }

    private static InvalidDataException TooLong(long bytes, long most) => new($"it has {bytes} bytes or more, not the {most} at most that are expected");
}
