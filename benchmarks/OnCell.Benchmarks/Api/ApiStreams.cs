using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text;

namespace OnCell.Benchmarks.Api;

/// <summary>What a thousand idle streams came to.</summary>
internal sealed record StreamResult(int Served, double BytesPerStream, double FanOut);

/// <summary>Streams of server-sent events.</summary>
internal static class ApiStreams
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<double> TimeToFirstEventAsync(HttpClient http, string customer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/nothing/stream")
        {
            Content = JsonContent.Create(new { customer, input = new { } }),
        };
        var start = Stopwatch.GetTimestamp();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        if (!await events.MoveNextAsync()) throw new InvalidOperationException("The stream had no event.");
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        while (await events.MoveNextAsync())
        {
            // To its end, so that the next run does not wait for this one.
        }

        return elapsed;
    }

    public static async Task<StreamResult> OpenIdleAsync(ApiServer server, string customer, int count)
    {
        using var http = server.Client();
        (await http.PostAsync(new Uri($"/v1/customers/{customer}/resume", UriKind.Relative), null)).EnsureSuccessStatusCode();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var sockets = new List<Socket>(count);
        var buffer = new byte[64 * 1024];
        try
        {
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(server.Address.Host, server.Address.Port);
                await socket.SendAsync(Encoding.ASCII.GetBytes(
                    $"GET /v1/customers/{customer}/events HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: Bearer {ApiServer.Key}\r\n"
                    + "Accept: text/event-stream\r\n\r\n"));
                await ReceiveAsync(socket, buffer, "HTTP/1.1 200");
            }

            var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
            var start = Stopwatch.GetTimestamp();
            (await http.PostAsync(new Uri($"/v1/customers/{customer}/pause?tier=frozen", UriKind.Relative), null)).EnsureSuccessStatusCode();
            var served = await Task.WhenAll(sockets.Select(ServedAsync));
            return new StreamResult(served.Count(s => s), (double)bytes / count, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    private static async Task<bool> ServedAsync(Socket socket)
    {
        await ReceiveAsync(socket, new byte[64 * 1024], "\"tier\":\"frozen\"");
        return true;
    }

    private static async Task ReceiveAsync(Socket socket, byte[] buffer, string wanted)
    {
        using var limit = new CancellationTokenSource(Patience);
        var length = 0;
        while (!Encoding.UTF8.GetString(buffer, 0, length).Contains(wanted, StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            if (read == 0) throw new IOException("A stream was closed.");
            length += read;
        }
    }
}
