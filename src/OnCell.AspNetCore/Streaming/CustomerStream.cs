using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace OnCell.AspNetCore.Streaming;

/// <summary>Creating a customer as a stream: progress, then <c>customer.ready</c> or <c>customer.failed</c>.</summary>
internal static class CustomerStream
{
    private const int Capacity = 256;

    /// <summary>Starts the making. A request that is refused at once throws here, so that it is answered with its status.</summary>
    public static async Task<IAsyncEnumerable<SseItem<JsonObject>>> StartAsync(
        ICellManager cells, CustomerRequest request, CancellationToken ct)
    {
        // The making must never wait for a slow reader: the oldest lines are dropped first.
        var progress = Channel.CreateBounded<CellProgress>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        var making = MakeAsync(cells, request, progress.Writer, ct);
        if (!await progress.Reader.WaitToReadAsync(ct)) await making;
        return ReadAsync(request, making, progress.Reader, ct);
    }

    private static async IAsyncEnumerable<SseItem<JsonObject>> ReadAsync(
        CustomerRequest request, Task<CellInfo> making, ChannelReader<CellProgress> progress, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var step in progress.ReadAllAsync(ct))
            yield return EventStream.Item("customer.progress", ToJson(step));
        yield return await EndAsync(request, making);
    }

    private static async Task<CellInfo> MakeAsync(
        ICellManager cells, CustomerRequest request, ChannelWriter<CellProgress> progress, CancellationToken ct)
    {
        try
        {
            return await cells.CreateAsync(request, new ToChannel(progress), ct);
        }
        finally
        {
            progress.Complete();
        }
    }

    private static async Task<SseItem<JsonObject>> EndAsync(CustomerRequest request, Task<CellInfo> making)
    {
        try
        {
            return EventStream.Item("customer.ready", ToJson(await making));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return EventStream.Item("customer.failed", new JsonObject { ["customer"] = request.Id, ["error"] = e.Message });
        }
    }

    private static JsonObject ToJson<T>(T value) => JsonSerializer.SerializeToNode(value, OnCellJson.Options)!.AsObject();

    private sealed class ToChannel(ChannelWriter<CellProgress> writer) : IProgress<CellProgress>
    {
        public void Report(CellProgress value) => writer.TryWrite(value);
    }
}
