using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using OnCell.Journaling;
using OnCell.Sandboxes;

namespace OnCell.Runs;

/// <summary>Bringing a file into the cell as a step: written aside and renamed, so that doing it again does no harm.</summary>
internal static class UploadStep
{
    private const int FileMode = 0b110_100_100; // rw-r--r--
    private const int MaxReason = 500;
    private static readonly Uri Proxy = new("http://egress.invalid");

    /// <summary>Opens what is brought, has it copied, and closes it.</summary>
    private delegate Task<UploadReport> Source(Sandbox sandbox, Func<Stream, Task<UploadReport>> copy, CancellationToken cancellationToken);

    public static Task<UploadReport> RunAsync(RunSession session, string path, FileInfo from, UploadOptions options) =>
        RunAsync(session, path, from.FullName, options, async (_, copy, _) =>
        {
            await using var file = from.OpenRead();
            return await copy(file).ConfigureAwait(false);
        });

    public static Task<UploadReport> RunAsync(RunSession session, string path, Uri from, UploadOptions options) =>
        from is { IsAbsoluteUri: true, Scheme: "http" or "https" }
            ? RunAsync(session, path, from.AbsoluteUri, options, (sandbox, copy, token) => FetchAsync(sandbox, from, copy, token))
            : throw new ArgumentException($"UploadAsync: \"{from}\" is no http or https address.", nameof(from));

    private static Task<UploadReport> RunAsync(RunSession session, string path, string from, UploadOptions options, Source source) =>
        session.StepAsync(new StepSpec<UploadReport>
        {
            Kind = "upload",
            Name = path,
            Arguments = [new("path", path), new("from", from), new("sha256", options.Sha256 ?? "")],
            Effect = StepEffect.Idempotent,
            Retry = new RetryPolicy { MaxAttempts = options.MaxAttempts, ShouldRetry = IsPassing },
            Body = async (execution, token) =>
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
                limit.CancelAfter(options.Timeout);
                try
                {
                    var sandbox = await session.Cell.GetSandboxAsync(limit.Token).ConfigureAwait(false);
                    var report = await source(sandbox, content => CopyAsync(sandbox, path, from, content, options, limit.Token), limit.Token).ConfigureAwait(false);
                    execution.Annotate("bytes", report.Bytes.ToString(CultureInfo.InvariantCulture));
                    return report;
                }
                catch (OperationCanceledException e) when (!token.IsCancellationRequested)
                {
                    throw new OnCellException(OnCellError.Failed, $"Bringing {from} into the cell took more than {options.Timeout} (UploadOptions.Timeout).", e);
                }
            },
        });

    private static bool IsPassing(Exception e) =>
        e is HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError } or IOException { InnerException: not null } or HttpIOException;

    private static async Task<UploadReport> CopyAsync(
        Sandbox sandbox, string path, string from, Stream content, UploadOptions options, CancellationToken cancellationToken)
    {
        var aside = $"{path}.oncell-upload";
        using var hash = SHA256.Create();
        await using var hashed = new CryptoStream(content, hash, CryptoStreamMode.Read, leaveOpen: true);
        var bytes = await sandbox.Files.WriteAsync(aside, hashed, options.MaxBytes, FileMode, cancellationToken).ConfigureAwait(false);
        var sha256 = Convert.ToHexStringLower(hash.Hash!);
        if (options.Sha256 is { } wanted && !string.Equals(wanted, sha256, StringComparison.OrdinalIgnoreCase))
        {
            await sandbox.Files.RemoveAsync(aside, cancellationToken).ConfigureAwait(false);
            throw new OnCellException(OnCellError.Failed, $"{from} has the SHA-256 {sha256}, not {wanted}.");
        }

        await sandbox.Files.MoveAsync(aside, path, cancellationToken).ConfigureAwait(false);
        return new UploadReport(bytes, sha256);
    }

    /// <summary>Asks as a command of the cell would: through its proxy, which decides and tells.</summary>
    private static async Task<UploadReport> FetchAsync(
        Sandbox sandbox, Uri address, Func<Stream, Task<UploadReport>> copy, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            Proxy = new WebProxy(Proxy),
            UseProxy = true,
            MaxResponseDrainSize = 0, // the connection is not used again
            ConnectCallback = async (_, token) => await sandbox.ConnectEgressAsync(token).ConfigureAwait(false),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{address} answered {(int)response.StatusCode}: {await ReadReasonAsync(response, cancellationToken).ConfigureAwait(false)}", null, response.StatusCode);
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return await copy(body).ConfigureAwait(false);
    }

    /// <summary>Reads the beginning of a refusal, which may be of any length.</summary>
    private static async Task<string> ReadReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        var reason = new char[MaxReason];
        return new string(reason, 0, await reader.ReadBlockAsync(reason, cancellationToken).ConfigureAwait(false)).Trim();
    }
}
