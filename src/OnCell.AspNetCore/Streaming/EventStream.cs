using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Streaming;

/// <summary>Server-sent events. What is stored carries its number as the event's id, so that <c>Last-Event-ID</c> resumes there.</summary>
internal static class EventStream
{
    public static bool IsWanted(HttpRequest request) =>
        request.Headers.Accept.Any(a => a?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true);

    public static IResult Result(IAsyncEnumerable<SseItem<JsonObject>> items) => TypedResults.ServerSentEvents(items);

    public static SseItem<JsonObject> Item(string type, JsonObject data) => new(data, type);

    /// <summary>A run's events. A failure of the stream itself is its last event, so that a reader never waits in vain.</summary>
    public static async IAsyncEnumerable<SseItem<JsonObject>> Items(
        IAsyncEnumerable<RunEvent> events, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var reader = events.GetAsyncEnumerator(ct);
        while (true)
        {
            SseItem<JsonObject>? failure = null;
            try
            {
                if (!await reader.MoveNextAsync()) yield break;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failure = Item("stream.failed", new JsonObject { ["error"] = e.Message });
            }

            if (failure is { } last)
            {
                yield return last;
                yield break;
            }

            var current = reader.Current;
            yield return new SseItem<JsonObject>(current.Data, current.Type)
            {
                EventId = current.Sequence?.ToString(CultureInfo.InvariantCulture),
            };
        }
    }
}
