using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace OnCell.AspNetCore.Streaming;

/// <summary>Long work as a stream: <c>NAME.progress</c>, then <c>NAME.ready</c> or <c>NAME.failed</c>.</summary>
internal static class ProgressStream
{
    private const int Capacity = 256;

    /// <summary>Starts the work. A request that is refused at once throws here, so that it is answered with its status.</summary>
    /// <param name="name">The first part of the events' names.</param>
    /// <param name="subject">What the event of a failure says beside the error.</param>
    /// <param name="work">The work.</param>
    /// <param name="ct">Ends the stream.</param>
    public static async Task<IAsyncEnumerable<SseItem<JsonObject>>> StartAsync<T>(
        string name, JsonObject subject, Func<IProgress<CellProgress>, Task<T>> work, CancellationToken ct)
    {
        // The work must never wait for a slow reader: the oldest lines are dropped first.
        var progress = Channel.CreateBounded<CellProgress>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        var working = WorkAsync(work, progress.Writer);
        if (!await progress.Reader.WaitToReadAsync(ct)) await working;
        return ReadAsync(name, subject, working, progress.Reader, ct);
    }

    private static async IAsyncEnumerable<SseItem<JsonObject>> ReadAsync<T>(
        string name, JsonObject subject, Task<T> working, ChannelReader<CellProgress> progress, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var step in progress.ReadAllAsync(ct))
            yield return EventStream.Item($"{name}.progress", ToJson(step));
        yield return await EndAsync(name, subject, working);
    }

    private static async Task<T> WorkAsync<T>(Func<IProgress<CellProgress>, Task<T>> work, ChannelWriter<CellProgress> progress)
    {
        try
        {
            return await work(new ToChannel(progress));
        }
        finally
        {
            progress.Complete();
        }
    }

    private static async Task<SseItem<JsonObject>> EndAsync<T>(string name, JsonObject subject, Task<T> working)
    {
        try
        {
            return EventStream.Item($"{name}.ready", ToJson(await working));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            subject["error"] = e.Message;
            return EventStream.Item($"{name}.failed", subject);
        }
    }

    private static JsonObject ToJson<T>(T value) => JsonSerializer.SerializeToNode(value, OnCellJson.Options)!.AsObject();

    private sealed class ToChannel(ChannelWriter<CellProgress> writer) : IProgress<CellProgress>
    {
        public void Report(CellProgress value) => writer.TryWrite(value);
    }
}
