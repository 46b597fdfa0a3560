using System.Net.Sockets;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>What the guest does in a cell: a TCP port, each connection of which goes to a Unix socket of the host.</summary>
internal static class UnixBridge
{
    public static LoopbackServer Start(string socketPath) => LoopbackServer.Start(async stream =>
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
        await using var host = new NetworkStream(socket);
        var tcp = ((NetworkStream)stream).Socket;
        await Task.WhenAll(
            CopyAsync(stream, host, () => socket.Shutdown(SocketShutdown.Send)),
            CopyAsync(host, stream, () => tcp.Shutdown(SocketShutdown.Send)));
    });

    private static async Task CopyAsync(Stream from, Stream to, Action end)
    {
        await from.CopyToAsync(to);
        end();
    }
}
