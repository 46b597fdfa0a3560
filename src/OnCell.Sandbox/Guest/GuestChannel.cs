using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>The host's end of a sandbox: the guest dials it, and dials again after either side was away.</summary>
/// <remarks>
/// Whatever arrives is untrusted, since a hostile cell can speak for its guest: frames, streams and lists are bounded,
/// nothing is allocated by a claimed length, and a breach ends the connection and nothing else. One connection at a
/// time is served; while it lives, others are turned away, so a process of the cell cannot take the guest's place.
/// </remarks>
internal sealed partial class GuestChannel : IAsyncDisposable
{
    private readonly GuestConnections _connections;

    private GuestChannel(GuestConnections connections)
    {
        _connections = connections;
        Files = new GuestFiles(this);
    }

    /// <summary>Gets the files of the sandbox.</summary>
    public SandboxFiles Files { get; }

    /// <summary>Gets a task that ends once <see cref="MarkLost"/> was called.</summary>
    public Task Lost => _connections.Lost;

    /// <summary>Begins to listen. A socket left there by an earlier process is replaced.</summary>
    /// <param name="socketPath">Where the guest dials; at most 107 bytes.</param>
    /// <param name="logger">Takes connects, disconnects and refusals.</param>
    /// <exception cref="SandboxException">The socket cannot be made.</exception>
    public static GuestChannel Listen(string socketPath, ILogger logger) =>
        new(GuestConnections.Listen(socketPath, logger));

    /// <summary>Waits for the guest to be connected.</summary>
    /// <exception cref="SandboxException">It was not within <paramref name="timeout"/>, or it is of another version.</exception>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public async Task WaitConnectedAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await _connections.Live.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new SandboxException(
                $"The guest did not connect to {_connections.Path} within {timeout.TotalSeconds:0.#} s"
                + (_connections.Refusal is { } refusal ? $"; a connection was refused: {refusal}." : "."));
        }
    }

    /// <summary>Asks the guest for a sign of life.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var connection = await _connections.Live.WaitAsync(cancellationToken).ConfigureAwait(false);
        await connection.PingAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has the guest end all processes, sync its files and exit, and with it the sandbox.</summary>
    /// <param name="grace">How long processes have to end by themselves before they are killed; at most a minute.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ShutdownAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        var writer = new WireWriter();
        writer.Int32((int)Math.Clamp(grace.TotalMilliseconds, 0, 60_000));
        await CallAsync(Method.Shutdown, writer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks how many processes there are beside the guest; <see langword="null"/> where it is too old to say.</summary>
    public async Task<int?> CountProcessesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await CallAsync(Method.ProcessCount, new WireWriter(), cancellationToken).ConfigureAwait(false);
            return answer.Length == sizeof(int)
                ? BinaryPrimitives.ReadInt32LittleEndian(answer)
                : throw new SandboxException("The guest's answer about its processes makes no sense.");
        }
        catch (GuestErrorException e) when (e.Code == ErrorCode.Invalid)
        {
            return null; // it was started by an earlier release
        }
    }

    /// <summary>Connects to a server that listens on a port of the sandbox's loopback.</summary>
    /// <exception cref="SandboxException">Nothing listens there.</exception>
    public async Task<Stream> ConnectPortAsync(int port, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        var request = new WireWriter(4);
        request.Int32(port);
        var call = await OpenAsync(Method.PortConnect, request, cancellationToken).ConfigureAwait(false);
        try
        {
            await call.OpenedAsync(cancellationToken).ConfigureAwait(false);
            return new GuestPortStream(call);
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Has the guest close every connection to the host and keeps it from dialling again until
    /// <see cref="ResumeAfterCheckpoint"/>. gVisor cannot checkpoint a sandbox that holds such a connection.
    /// </summary>
    /// <exception cref="SandboxException">A command without a key runs, or a connection to a port or the network is open.</exception>
    public async Task PrepareCheckpointAsync(CancellationToken cancellationToken)
    {
        var connection = await _connections.Live.WaitAsync(cancellationToken).ConfigureAwait(false);
        _connections.StopListening();
        try
        {
            var call = await connection.OpenAsync(Method.Detach, default, cancellationToken).ConfigureAwait(false);
            await using (call.ConfigureAwait(false))
                await call.ResultAsync(cancellationToken).ConfigureAwait(false);
            await connection.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _connections.StartListening();
            throw;
        }
    }

    /// <summary>Lets the guest dial again, after a checkpoint or a restore.</summary>
    public void ResumeAfterCheckpoint() => _connections.StartListening();

    /// <summary>Tells all callers, now and later, that the sandbox is dead.</summary>
    public void MarkLost(string reason) => _connections.End(new SandboxLostException(reason));

    /// <summary>Cuts the live connection; the guest dials again.</summary>
    internal void BreakConnection() => _connections.BreakLive();

    /// <summary>Stops listening and lets go of the guest, which lives on and dials the next listener.</summary>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    /// <summary>Makes a call that sends and gets one message.</summary>
    internal async Task<byte[]> CallAsync(Method method, WireWriter request, CancellationToken cancellationToken)
    {
        var call = await OpenAsync(method, request, cancellationToken).ConfigureAwait(false);
        await using (call.ConfigureAwait(false))
            return await call.ResultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins a call on the live connection, waiting for one where there is none.</summary>
    internal async Task<GuestCall> OpenAsync(Method method, WireWriter request, CancellationToken cancellationToken)
    {
        if (request.Length > ProtocolConstants.MaxHostPayload)
            throw new SandboxException(
                $"A request of {request.Length} bytes is too large: arguments and environment together may have "
                + $"{ProtocolConstants.MaxHostPayload} bytes; pass more by standard input or a file.");
        var connection = await _connections.Live.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await connection.OpenAsync(method, request.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }
}
