using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OnCell.AspNetCore.Streaming;

/// <summary>Writes a stream of events: its head at once, and a comment where nothing else has been said for a while.</summary>
/// <remarks>Without the comment neither side nor a proxy between them would see that the other is gone.</remarks>
internal sealed class EventStreamResult(IAsyncEnumerable<SseItem<JsonObject>> items) : IResult
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var gone = httpContext.RequestAborted;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var reader = items.GetAsyncEnumerator(gone);
        var next = Task.FromResult(true);
        try
        {
            await response.Body.FlushAsync(gone);
            for (next = reader.MoveNextAsync().AsTask(); await WaitAsync(next, response, gone); next = reader.MoveNextAsync().AsTask())
            {
                await response.Body.WriteAsync(Format(reader.Current), gone);
                await response.Body.FlushAsync(gone);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The reader has gone; what it missed it gets by Last-Event-ID.
        }
        finally
        {
            // The enumerator may be disposed only when it stands still.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> WaitAsync(Task<bool> next, HttpResponse response, CancellationToken gone)
    {
        while (!next.IsCompleted)
        {
            using var heard = CancellationTokenSource.CreateLinkedTokenSource(gone);
            var silence = Task.Delay(Silence, heard.Token);
            if (await Task.WhenAny(next, silence) == next)
            {
                await heard.CancelAsync();
                break;
            }

            gone.ThrowIfCancellationRequested();
            await response.Body.WriteAsync(Comment, gone);
            await response.Body.FlushAsync(gone);
        }

        return await next;
    }

    /// <summary>JSON has no line ends of its own, so an event is never more than its lines.</summary>
    private static byte[] Format(SseItem<JsonObject> item)
    {
        var text = new StringBuilder();
        if (item.EventId is { } id) text.Append("id: ").Append(id).Append('\n');
        text.Append("event: ").Append(item.EventType).Append('\n');
        text.Append("data: ").Append(item.Data.ToJsonString(OnCellJson.Options)).Append("\n\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
