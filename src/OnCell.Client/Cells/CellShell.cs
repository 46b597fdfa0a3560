using System.Net.WebSockets;
using System.Text.Json;
using OnCell.Client.Json;

namespace OnCell.Client;

/// <summary>A terminal in a cell. Disposing it ends the shell.</summary>
public sealed class CellShell : IDisposable
{
    private const int BufferBytes = 64 << 10;

    private readonly ClientWebSocket _socket;
    private readonly byte[] _buffer = new byte[BufferBytes];

    private CellShell(ClientWebSocket socket) => _socket = socket;

    /// <summary>Gets how the shell ended; <see langword="null"/> while it has not, or where the connection broke.</summary>
    public ShellEnd? End { get; private set; }

    internal static async Task<CellShell> OpenAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(new Uri(http.BaseAddress!, path));
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(15);
        socket.Options.CollectHttpResponseDetails = true;
        if (http.DefaultRequestHeaders.Authorization is { } key) socket.Options.SetRequestHeader("Authorization", key.ToString());
        try
        {
            await socket.ConnectAsync(address.Uri, cancellationToken).ConfigureAwait(false);
            return new CellShell(socket);
        }
        catch (WebSocketException e)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw status == default
                ? new OnCellUnreachableException($"No answer from {http.BaseAddress}: {e.Message}", e)
                : new OnCellApiException(status, "The terminal was refused",
                    $"The service answered {(int)status}: look at the cell with \"cells inspect\", and whether the key may use it.");
        }
    }

    /// <summary>Reads what the terminal shows next.</summary>
    /// <returns>The bytes, valid until the next call; empty where the shell has ended.</returns>
    /// <param name="cancellationToken">Ends the wait, and the shell.</param>
    /// <exception cref="OnCellUnreachableException">The connection broke.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(_buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close) return default;
                if (part.MessageType == WebSocketMessageType.Binary) return _buffer.AsMemory(0, part.Count);
                End = JsonSerializer.Deserialize(_buffer.AsSpan(0, part.Count), ClientJson.Default.ShellEnd);
            }
        }
        catch (WebSocketException e)
        {
            throw new OnCellUnreachableException($"The connection to the terminal broke: {e.Message}", e);
        }
    }

    /// <summary>Types into the terminal.</summary>
    /// <param name="input">The bytes, as a keyboard makes them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task WriteAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken) =>
        _socket.SendAsync(input, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).AsTask();

    /// <summary>Tells the terminal of another size.</summary>
    /// <param name="rows">Its lines; 1 to 1000.</param>
    /// <param name="columns">Its columns; 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task ResizeAsync(int rows, int columns, CancellationToken cancellationToken) =>
        CommandAsync(new ShellCommand(new ShellSize(rows, columns), null), cancellationToken);

    /// <summary>Sends a signal to the shell's process group.</summary>
    /// <param name="signal">Its name: <c>INT</c>, <c>TERM</c>, <c>HUP</c>, <c>QUIT</c>, <c>KILL</c>, <c>USR1</c>, <c>USR2</c>, <c>TSTP</c>, <c>CONT</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task SignalAsync(string signal, CancellationToken cancellationToken) =>
        CommandAsync(new ShellCommand(null, signal), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private Task CommandAsync(ShellCommand command, CancellationToken cancellationToken) => _socket.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(command, ClientJson.Default.ShellCommand).AsMemory(),
        WebSocketMessageType.Text, endOfMessage: true, cancellationToken).AsTask();
}

/// <summary>How a shell ended.</summary>
/// <param name="ExitCode">Its exit code; <see langword="null"/> where it was not its own end.</param>
/// <param name="Error">Why it ended, where it was not its own end.</param>
public sealed record ShellEnd(int? ExitCode, string? Error);

internal sealed record ShellCommand(ShellSize? Resize, string? Signal);

internal sealed record ShellSize(int Rows, int Columns);
