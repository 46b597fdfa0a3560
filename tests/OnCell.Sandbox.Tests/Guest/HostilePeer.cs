using System.Net.Sockets;
using OnCell.Guest.Protocol;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>A peer that speaks the guest's protocol as badly as a test likes.</summary>
internal sealed class HostilePeer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private HostilePeer(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    public static HostilePeer Connect(string path) => new(path);

    /// <summary>Connects as a guest does and is welcomed.</summary>
    public static HostilePeer ConnectWelcome(string path)
    {
        var peer = new HostilePeer(path);
        peer.SayHello(ProtocolConstants.Version);
        Assert.Equal(FrameType.Welcome, peer.ReadFrame().Type);
        return peer;
    }

    public void SayHello(ushort version, string release = "9.9")
    {
        var writer = new WireWriter();
        new HelloMessage(version, Guid.NewGuid(), release).Write(writer);
        Send(FrameType.Hello, 0, 0, writer.Written);
    }

    public void Send(FrameType type, byte tag, uint stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(type, tag, stream, payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        SendRaw(frame);
    }

    /// <summary>Sends, unless the host has cut the connection, which is what it should do.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[_socket.Send(bytes)..];
        }
        catch (SocketException)
        {
        }
    }

    public (FrameType Type, byte Tag, uint Stream, byte[] Payload) ReadFrame()
    {
        var header = FrameHeader.Read(ReadExactly(FrameHeader.Size), ProtocolConstants.MaxHostPayload);
        return (header.Type, header.Tag, header.Stream, ReadExactly(header.Length));
    }

    /// <summary>Waits until the host has cut the connection.</summary>
    public void ReadToEnd()
    {
        try
        {
            while (_socket.Receive(new byte[65536]) > 0)
            {
            }
        }
        catch (SocketException)
        {
        }
    }

    public void Dispose() => _socket.Dispose();

    private byte[] ReadExactly(int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = _socket.Receive(bytes, done, count - done, SocketFlags.None);
            if (read == 0)
                throw new EndOfStreamException();
            done += read;
        }
        return bytes;
    }
}
