using System.Buffers.Binary;
using System.Text;

namespace OnCell.Guest.Native;

/// <summary>The few kinds of sockets that the guest needs.</summary>
internal static unsafe class Sockets
{
    private const int MaxUnixPath = 107;

    /// <summary>Connects to a Unix socket; <see langword="null"/> when nobody listens there.</summary>
    public static Fd? TryConnectUnix(string path)
    {
        Span<byte> address = stackalloc byte[2 + MaxUnixPath + 1];
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, Linux.UnixDomain);
        if (Encoding.UTF8.GetByteCount(path) > MaxUnixPath)
            throw new InvalidRequestException($"{path} is longer than the {MaxUnixPath} bytes of a Unix socket's path");
        var length = Encoding.UTF8.GetBytes(path, address[2..]);

        var socket = Make(Linux.UnixDomain, Linux.Stream);
        fixed (byte* pointer = address)
        {
            if (Libc.connect(socket.Number, pointer, (uint)(2 + length + 1)) == 0)
                return socket;
        }
        socket.Dispose();
        return null;
    }

    /// <summary>Listens on 127.0.0.1; port 0 takes any free one. Returns the port.</summary>
    public static (Fd Socket, int Port) ListenLoopback(int port, int backlog)
    {
        var socket = Make(Linux.InternetDomain, Linux.Stream);
        var on = 1;
        _ = Libc.setsockopt(socket.Number, Linux.SocketLevel, Linux.ReuseAddress, &on, sizeof(int));
        Span<byte> address = stackalloc byte[16];
        Loopback(address, port);
        fixed (byte* pointer = address)
        {
            uint length = 16;
            if (Libc.bind(socket.Number, pointer, length) != 0 || Libc.listen(socket.Number, backlog) != 0
                || Libc.getsockname(socket.Number, pointer, &length) != 0)
            {
                var error = ErrnoException.Last($"listening on 127.0.0.1:{port}");
                socket.Dispose();
                throw error;
            }
        }
        return (socket, BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
    }

    /// <summary>Connects to a port of 127.0.0.1; <see langword="null"/> when nobody listens there.</summary>
    public static Fd? TryConnectLoopback(int port)
    {
        if (port is < 1 or > 65535)
            throw new InvalidRequestException($"{port} is not a port");
        var socket = Make(Linux.InternetDomain, Linux.Stream);
        Span<byte> address = stackalloc byte[16];
        Loopback(address, port);
        fixed (byte* pointer = address)
        {
            if (Libc.connect(socket.Number, pointer, 16) == 0)
                return socket;
        }
        socket.Dispose();
        return null;
    }

    public static Fd? TryAccept(Fd listener)
    {
        var number = Libc.accept4(listener.Number, null, null, Linux.SocketCloseOnExec);
        return number >= 0 ? new Fd(number) : null;
    }

    /// <summary>Has a blocked send fail after a while, so that a host that hangs does not hang the cell's commands.</summary>
    public static void SetSendTimeout(Fd socket, int seconds)
    {
        var time = stackalloc long[2] { seconds, 0 };
        _ = Libc.setsockopt(socket.Number, Linux.SocketLevel, Linux.SendTimeout, time, 16);
    }

    /// <summary>Brings up <c>lo</c> where it is down.</summary>
    public static void RaiseLoopback()
    {
        using var socket = Make(Linux.InternetDomain, Linux.Datagram);
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        "lo"u8.CopyTo(new Span<byte>(request, 16));
        var flags = (short*)(request + 16);
        if (Libc.ioctl(socket.Number, Linux.GetInterfaceFlags, request) != 0 || (*flags & Linux.InterfaceUp) != 0)
            return;
        *flags |= Linux.InterfaceUp;
        if (Libc.ioctl(socket.Number, Linux.SetInterfaceFlags, request) != 0)
            throw ErrnoException.Last("bringing up lo");
    }

    private static void Loopback(Span<byte> address, int port)
    {
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, Linux.InternetDomain);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)port);
        BinaryPrimitives.WriteUInt32BigEndian(address[4..], 0x7F000001);
    }

    private static Fd Make(int domain, int type)
    {
        var number = Libc.socket(domain, type | Linux.SocketCloseOnExec, 0);
        return number >= 0 ? new Fd(number) : throw ErrnoException.Last("socket");
    }
}
