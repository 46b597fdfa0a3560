using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Reads a request's JSON, bounded, with errors that say where.</summary>
internal static class JsonBody
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="OnCellException">The body is not JSON of the form, or is missing.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes) throw TooLarge();
        using var body = new MemoryStream();
        var buffer = new byte[16384];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > MaxBytes) throw TooLarge();
            body.Write(buffer, 0, read);
        }

        try
        {
            return JsonSerializer.Deserialize<T>(body.GetBuffer().AsSpan(0, (int)body.Length), OnCellJson.Options)
                ?? throw new OnCellException(OnCellError.Invalid, "The body is null; send a JSON object.");
        }
        catch (JsonException e)
        {
            throw new OnCellException(OnCellError.Invalid,
                body.Length == 0 ? "The body is empty; send a JSON object." : $"The body is not the JSON that is wanted: {e.Message}", e);
        }
    }

    private static BadHttpRequestException TooLarge() =>
        new($"The body is larger than {MaxBytes >> 10} KiB.", StatusCodes.Status413PayloadTooLarge);
}
