using System.Net.Sockets;
using System.Text;

namespace OnCell.Sandboxes.Guest;

/// <summary>Makes the Unix sockets that a sandbox dials.</summary>
internal static class GuestListener
{
    private const int MaxPathBytes = 107;
    private const int Backlog = 16;

    /// <summary>Listens on a path, in place of a socket that an earlier process left there. Only this user may connect.</summary>
    /// <exception cref="SandboxException">The socket cannot be made.</exception>
    public static Socket Bind(string path)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Sandboxes need Linux.");
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            throw new SandboxException(
                $"The socket path {path} is longer than {MaxPathBytes} bytes: choose a shorter runtime folder.");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            // Before listening, so nobody connects while the mode is still the umask's.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new SandboxException($"Listening on {path} failed: {e.Message}", e);
        }
    }
}
