using System.Net;
using System.Text.Json;
using OnCell.Client.Json;

namespace OnCell.Client.Errors;

/// <summary>An error as the service answers it (RFC 9457).</summary>
internal sealed record Problem(string? Title, string? Detail, string? Instance, string? Field)
{
    private const int MaxBytes = 1 << 20;

    public static async Task<OnCellApiException> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var problem = await TryReadAsync(response, cancellationToken).ConfigureAwait(false);
        return new OnCellApiException(
            response.StatusCode,
            problem?.Title ?? response.ReasonPhrase ?? response.StatusCode.ToString(),
            problem?.Detail ?? problem?.Title ?? Explain(response),
            problem?.Instance,
            problem?.Field);
    }

    private static async Task<Problem?> TryReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json")) return null;
        if (response.Content.Headers.ContentLength > MaxBytes) return null;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, ClientJson.Default.Problem, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // Something between answered in the service's place; its status says enough.
            return null;
        }
    }

    private static string Explain(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => "The service does not know this key. Use a valid API key.",
        HttpStatusCode.Forbidden => "This key may not do that. Use a key with the right that is needed.",
        HttpStatusCode.NotFound => $"Nothing is at {response.RequestMessage?.RequestUri?.AbsolutePath}. Is the address the API's, with its prefix (such as /v1)?",
        _ => $"The service answered {(int)response.StatusCode} without a reason.",
    };
}
