using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Shell;

/// <summary>
/// One terminal over one WebSocket. Binary messages are the terminal's bytes, both ways. Text messages are JSON: the client
/// says <c>{"resize":{"rows":24,"columns":80}}</c> or <c>{"signal":"TERM"}</c>; the service says last <c>{"exitCode":0}</c>
/// or <c>{"error":"…"}</c>.
/// </summary>
internal sealed class ShellSocket(WebSocket socket, CellSession session, TerminalSize size)
{
    private const int MaxMessage = 64 << 10;
    private const int MaxWaiting = 64;

    /// <summary>How long a terminal may be silent in both directions; it keeps the cell awake.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, int> Signals = new(StringComparer.OrdinalIgnoreCase)
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["USR2"] = 12,
        ["TERM"] = 15,
        ["CONT"] = 18,
        ["TSTP"] = 20,
    };

    public async Task RunAsync(CancellationToken ct)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);
        ends.CancelAfter(MaxSilence);
        var output = Channel.CreateBounded<byte[]>(MaxWaiting);
        string last;
        try
        {
            await using var shell = await session.StartAsync(Spec(), ends.Token);
            var reading = ReadAsync(shell, ends);
            var sending = SendAsync(output.Reader, ends);
            try
            {
                // A reader that is slow holds the shell up, as a slow terminal does; nothing piles up here.
                var result = await shell.WaitAsync(
                    o => output.Writer.WriteAsync(o.Data.ToArray(), ends.Token).AsTask().GetAwaiter().GetResult(), ends.Token);
                last = JsonSerializer.Serialize(new { result.ExitCode, Error = result.Error }, OnCellJson.Options);
            }
            finally
            {
                output.Writer.TryComplete();
            }

            await sending;
            await EndAsync(last, ct);

            // The other side answers the close; to leave before would tear away what it has not read yet.
            await Task.WhenAny(reading, Task.Delay(Farewell, ct));
            await ends.CancelAsync();
            await reading;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            await EndAsync(JsonSerializer.Serialize(new { error = $"closed after {MaxSilence.TotalMinutes:0} minutes of silence, or by the other side" }), ct);
        }
        catch (SandboxException e)
        {
            await EndAsync(JsonSerializer.Serialize(new { error = e.Message }), ct);
        }
    }

    private ExecSpec Spec() => ExecSpec.Shell("command -v bash >/dev/null && exec bash -l; exec sh -l") with
    {
        Terminal = size,
        Environment = new Dictionary<string, string?> { ["TERM"] = "xterm-256color" },
        MaxOutputBytes = 1024,
    };

    private async Task SendAsync(ChannelReader<byte[]> output, CancellationTokenSource ends)
    {
        try
        {
            await foreach (var data in output.ReadAllAsync(ends.Token))
            {
                ends.CancelAfter(MaxSilence);
                await socket.SendAsync(data, WebSocketMessageType.Binary, endOfMessage: true, ends.Token);
            }
        }
        catch (WebSocketException)
        {
            await ends.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The other side is gone; who waits for the shell learns it from the same token.
        }
    }

    /// <summary>Carries what is typed. The end of the connection ends the shell.</summary>
    private async Task ReadAsync(ExecHandle shell, CancellationTokenSource ends)
    {
        var buffer = new byte[MaxMessage];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length) throw new WebSocketException("a message is larger than 64 KiB");
                    part = await socket.ReceiveAsync(buffer.AsMemory(length), ends.Token);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                ends.CancelAfter(MaxSilence);
                if (part.MessageType == WebSocketMessageType.Close) break;
                if (part.MessageType == WebSocketMessageType.Binary) await shell.WriteInputAsync(buffer.AsMemory(0, length), ends.Token);
                else await ObeyAsync(shell, JsonSerializer.Deserialize<Command>(buffer.AsSpan(0, length), OnCellJson.Options), ends.Token);
            }
        }
        catch (Exception e) when (e is SandboxException or InvalidOperationException)
        {
            // The shell is over; who waits for it tells how.
            return;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or JsonException)
        {
            // Gone, or no client of ours: the shell ends with the connection.
        }

        await ends.CancelAsync();
    }

    private static async Task ObeyAsync(ExecHandle shell, Command? command, CancellationToken ct)
    {
        if (command?.Resize is { Rows: > 0 and <= 1000, Columns: > 0 and <= 1000 } size) await shell.ResizeAsync(size, ct);
        if (command?.Signal is { } name && Signals.TryGetValue(name, out var signal)) await shell.SignalAsync(signal, ct);
    }

    private async Task EndAsync(string last, CancellationToken ct)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Farewell);
        try
        {
            await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(last), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The other side left first.
        }
    }

    private sealed record Command(TerminalSize? Resize, string? Signal);
}
