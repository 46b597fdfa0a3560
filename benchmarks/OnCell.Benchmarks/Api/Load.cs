using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using HdrHistogram;

namespace OnCell.Benchmarks.Api;

/// <summary>What a load came to.</summary>
/// <param name="Rps">Requests per second.</param>
/// <param name="P99">The 99th percentile of a request's time, in milliseconds.</param>
internal sealed record LoadResult(double Rps, double P99);

/// <summary>Asks for one path over kept connections as fast as answers come; a plain socket, so that the client costs little.</summary>
internal static class Load
{
    private const int Connections = 16;
    private const long HighestMicroseconds = 60_000_000;

    public static async Task<LoadResult> RunAsync(ApiServer server, string path, TimeSpan duration)
    {
        var began = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, Connections).Select(_ => Task.Run(() => WorkAsync(server, path, began, duration))).ToArray();
        var all = new LongHistogram(HighestMicroseconds, 3);
        foreach (var histogram in await Task.WhenAll(workers)) all.Add(histogram);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new LoadResult(all.TotalCount / seconds, all.GetValueAtPercentile(99) / 1000.0);
    }

    private static async Task<LongHistogram> WorkAsync(ApiServer server, string path, long began, TimeSpan duration)
    {
        var histogram = new LongHistogram(HighestMicroseconds, 3);
        var request = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: Bearer {ApiServer.Key}\r\n\r\n");
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        var buffer = new byte[256 * 1024];
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            var start = Stopwatch.GetTimestamp();
            await socket.SendAsync(request);
            await ReadAnswerAsync(socket, buffer);
            histogram.RecordValue((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return histogram;
    }

    /// <summary>Reads one whole answer, with a length or in chunks.</summary>
    private static async Task ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0) throw new IOException("The server closed the connection.");
            length += read;
            if (IsWhole(buffer.AsSpan(0, length))) return;
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        if (!answer.StartsWith("HTTP/1.1 200"u8)) throw new IOException(Encoding.ASCII.GetString(answer[..Math.Min(answer.Length, 500)]));
        var head = answer[..end];
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8);
        var number = head[(at + 16)..];
        var stop = number.IndexOf((byte)'\r');
        return answer.Length == end + 4 + int.Parse(stop < 0 ? number : number[..stop], CultureInfo.InvariantCulture);
    }
}
