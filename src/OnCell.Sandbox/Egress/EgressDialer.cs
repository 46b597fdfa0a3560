using System.Net;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>Opens connections to addresses that were checked. The only place from which the proxy dials.</summary>
internal interface IEgressDialer
{
    ValueTask<Socket> DialAsync(IPEndPoint endPoint, CancellationToken cancellationToken);

    /// <summary>Tells whether an address is one of this host's own, so that no firewall lies between.</summary>
    bool IsThisHost(IPAddress address);
}

/// <summary>Dials by TCP.</summary>
internal sealed class TcpDialer : IEgressDialer
{
    public static TcpDialer Instance { get; } = new();

    public async ValueTask<Socket> DialAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <remarks>Connecting a datagram socket sends nothing: it asks the routing table, which answers a host's own address
    /// with that same address as the source.</remarks>
    public bool IsThisHost(IPAddress address)
    {
        try
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(address, 9);
            return probe.LocalEndPoint is IPEndPoint local && local.Address.Equals(address);
        }
        catch (SocketException)
        {
            return false; // No route: the dial will say so.
        }
    }
}
