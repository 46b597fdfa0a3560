using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnCell.Client.Json;

namespace OnCell.Client.Streaming;

/// <summary>Follows long work: <c>NAME.progress</c>, then <c>NAME.ready</c> or <c>NAME.failed</c>.</summary>
internal static class ProgressReader
{
    /// <returns>What it ended with; <see langword="null"/> where the stream was cut off before.</returns>
    /// <exception cref="OnCellApiException">The work failed.</exception>
    public static async Task<string?> ReadAsync(
        HttpResponseMessage response, string name, IProgress<CellProgress>? progress, string failure, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await foreach (var e in SseParser.Create(body).EnumerateAsync(cancellationToken).ConfigureAwait(false))
            {
                if (e.EventType == $"{name}.progress") progress?.Report(JsonSerializer.Deserialize(e.Data, ClientJson.Default.CellProgress)!);
                if (e.EventType == $"{name}.ready") return e.Data;
                if (e.EventType == $"{name}.failed")
                {
                    throw new OnCellApiException(HttpStatusCode.InternalServerError, failure,
                        JsonNode.Parse(e.Data)?["error"]?.ToString() ?? "The service gave no reason.", response.RequestMessage?.RequestUri?.AbsolutePath);
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The work goes on without us; what became of it is asked otherwise.
        }

        return null;
    }
}
