using System.Net;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>A connection to a plain HTTP server, kept for the client's next request to the same target.</summary>
internal sealed class HttpUpstream(Socket socket, EgressTarget target, IPAddress address, int maxBufferBytes) : IDisposable
{
    public Socket Socket => socket;

    public SocketBuffer Input { get; } = new(socket, maxBufferBytes);

    public IPAddress Address => address;

    /// <summary>Tells whether a further request may be sent: the same target, and nothing heard since the last answer.</summary>
    /// <remarks>Bytes that nobody asked for, or the end of the stream, must not become the next request's answer.</remarks>
    public bool Serves(EgressTarget next) => target == next && Input.IsEmpty && !socket.Poll(0, SelectMode.SelectRead);

    public void Dispose()
    {
        socket.Dispose();
        Input.Dispose();
    }
}
