using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Requests;

/// <summary>Reads a request's JSON, bounded in size and time, with errors that name the field.</summary>
internal static class JsonBody
{
    private const int MaxBytes = 1 << 20;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    /// <summary>A name that is not known is a mistake, not a wish to be ignored.</summary>
    private static readonly JsonSerializerOptions Strict = new(OnCellJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 64,
    };

    /// <exception cref="OnCellException">The body is not JSON of the form, or is missing.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = await ReadBytesAsync(request, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize<T>(body, Strict)
                ?? throw new OnCellException(OnCellError.Invalid, "The body is null; send a JSON object.");
        }
        catch (JsonException e)
        {
            throw body.Length == 0
                ? new OnCellException(OnCellError.Invalid, "The body is empty; send a JSON object.", e)
                : JsonProblem.Explain(e, typeof(T), Strict);
        }
    }

    /// <summary>Reads the whole body; the server gives it up when it comes too slowly.</summary>
    public static async Task<byte[]> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes) throw TooLarge();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(MaxTime);
        using var body = new MemoryStream();
        var buffer = new byte[16384];
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, limit.Token)) > 0)
            {
                if (body.Length + read > MaxBytes) throw TooLarge();
                body.Write(buffer, 0, read);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException($"The body did not come within {MaxTime.TotalSeconds} s.", StatusCodes.Status408RequestTimeout);
        }

        return body.ToArray();
    }

    private static BadHttpRequestException TooLarge() =>
        new($"The body is larger than {MaxBytes >> 10} KiB.", StatusCodes.Status413PayloadTooLarge);
}
