using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Streaming;

/// <summary>Server-sent events. What is stored carries its number as the event's id, so that <c>Last-Event-ID</c> resumes there.</summary>
internal static class EventStream
{
    public static bool IsWanted(HttpRequest request) =>
        request.Headers.Accept.Any(a => a?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true);

    public static IResult Result(IAsyncEnumerable<SseItem<JsonObject>> items) => new EventStreamResult(items);

    /// <summary>Gets the event after which a stream resumes; 0 for all.</summary>
    /// <exception cref="OnCellException">The header is not the id of an event.</exception>
    public static long LastEventId(HttpRequest request)
    {
        var last = request.Headers["Last-Event-ID"].ToString();
        var after = 0L;
        if (last.Length > 0 && !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            throw Ask.Invalid("Last-Event-ID", "Last-Event-ID is not the id of an event of this stream.");
        return after;
    }

    /// <summary>A cell's events.</summary>
    public static async IAsyncEnumerable<SseItem<JsonObject>> Items(
        IAsyncEnumerable<CellEvent> events, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var e in events.WithCancellation(ct))
        {
            yield return new SseItem<JsonObject>(JsonSerializer.SerializeToNode(e, OnCellJson.Options)!.AsObject(), e.Type)
            {
                EventId = e.Sequence.ToString(CultureInfo.InvariantCulture),
            };
        }
    }

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
