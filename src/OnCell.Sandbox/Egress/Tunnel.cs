using System.Buffers;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>Carries bytes both ways between the sandbox and an upstream, once its first bytes have been looked at.</summary>
internal sealed class Tunnel
{
    private const int BufferBytes = 64 * 1024;
    private const int TlsPort = 443;

    /// <summary>A fatal TLS alert, <c>access_denied</c>: clients print it instead of a bare reset.</summary>
    private static readonly byte[] AccessDenied = [0x15, 3, 3, 0, 2, 2, 49];

    private readonly EgressConnection _connection;
    private readonly Socket _upstream;
    private readonly EgressExchange _exchange;

    private Tunnel(EgressConnection connection, Socket upstream) =>
        (_connection, _upstream, _exchange) = (connection, upstream, connection.Exchange);

    /// <summary>Runs until both sides are done.</summary>
    public static async Task RunAsync(EgressConnection connection, Socket upstream)
    {
        var tunnel = new Tunnel(connection, upstream);
        await Task.WhenAll(tunnel.GuardAsync(tunnel.SendOutAsync()), tunnel.GuardAsync(tunnel.BringInAsync())).ConfigureAwait(false);
        tunnel._exchange.Close();
    }

    /// <summary>Ends the other direction where one has failed.</summary>
    private async Task GuardAsync(Task direction)
    {
        try
        {
            await direction.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _connection.Abort(error is SocketException lost ? $"connection lost: {lost.SocketErrorCode}" : error.Message);
            throw;
        }
    }

    private async Task SendOutAsync()
    {
        if (!await AdmitAsync().ConfigureAwait(false))
            return;
        var input = _connection.Input;
        if (!input.IsEmpty)
        {
            await _upstream.SendAllAsync(input.Memory, _connection.Token).ConfigureAwait(false);
            _exchange.CountOut(input.Span.Length);
        }

        input.Release();
        _connection.Touch();
        await PumpAsync(_connection.Client, _upstream, _exchange.CountOut).ConfigureAwait(false);
    }

    private Task BringInAsync() => PumpAsync(_upstream, _connection.Client, _exchange.CountIn);

    /// <summary>Looks at the first bytes: TLS must name the host that was asked for, and port 443 carries nothing but TLS.</summary>
    /// <remarks>The other direction runs meanwhile, for protocols in which the server speaks first.</remarks>
    private async ValueTask<bool> AdmitAsync()
    {
        var target = _exchange.Request.Target;
        if (target.Address is not null)
            return true; // A network rule opens an address with everything behind it; there is no name to compare with.
        var input = _connection.Input;
        while (true)
        {
            var hello = ClientHello.Read(input.Span, out var serverName);
            if (hello != ClientHelloState.Incomplete)
                return Objection(hello, serverName) is not { } reason || await RefuseAsync(reason).ConfigureAwait(false);
            var began = !input.IsEmpty;
            if (!await input.FillAsync(_connection.Token).ConfigureAwait(false))
                return !began || await RefuseAsync("the TLS handshake ended early").ConfigureAwait(false);
            if (!began)
                _connection.ExpectHead(); // From its first byte on, the handshake must be complete in time.
        }
    }

    private string? Objection(ClientHelloState hello, string? serverName)
    {
        var target = _exchange.Request.Target;
        return hello switch
        {
            ClientHelloState.NotTls when target.Port == TlsPort =>
                $"not TLS, and port {TlsPort} carries nothing else",
            ClientHelloState.Malformed => "malformed TLS handshake",
            ClientHelloState.Complete when serverName is null =>
                $"the TLS handshake names no server (SNI); the client must send \"{target.Host}\"",
            ClientHelloState.Complete when serverName != target.Host =>
                $"the TLS handshake names \"{serverName}\"; connect to that name, and add \"{serverName}\" to Network.Allow",
            _ => null,
        };
    }

    private async ValueTask<bool> RefuseAsync(string objection)
    {
        _exchange.Deny($"denied {_exchange.Request.Target}: {objection}");
        if (_connection.Input.Span is [ClientHello.HandshakeRecord, ..])
            await _connection.Client.SendAllAsync(AccessDenied, _connection.Token).ConfigureAwait(false);
        _connection.Abort(objection);
        return false;
    }

    private async Task PumpAsync(Socket from, Socket to, Action<int> count)
    {
        while (true)
        {
            // An idle direction holds no memory: wait for bytes first, rent after.
            await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, _connection.Token).ConfigureAwait(false);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                int received;
                do
                {
                    received = await from.ReceiveAsync(buffer, SocketFlags.None, _connection.Token).ConfigureAwait(false);
                    if (received == 0)
                    {
                        to.Shutdown(SocketShutdown.Send);
                        return;
                    }

                    await to.SendAllAsync(buffer.AsMemory(0, received), _connection.Token).ConfigureAwait(false);
                    count(received);
                }
                while (received == buffer.Length || from.Available > 0);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
