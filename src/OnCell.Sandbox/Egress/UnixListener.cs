using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace OnCell.Sandboxes.Egress;

/// <summary>Listens on a Unix socket that only the owner may connect to, and hands on each connection.</summary>
internal sealed class UnixListener : IAsyncDisposable
{
    private const int Backlog = 128;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Action<Socket> _accept;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new(); // Never disposed: it holds no timer, and stopping twice is no error.
    private readonly Task _loop;

    private UnixListener(Socket socket, Action<Socket> accept, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _accept = accept;
        _time = time;
        _logger = logger;
        _loop = AcceptAsync(_stop.Token);
    }

    public static UnixListener Start(string path, Action<Socket> accept, TimeProvider time, ILogger logger)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // The mode of the socket file is that of the socket before it is bound. Changing the file's mode afterwards
            // would follow a link put in its place, and leave it open to others in between.
            using (var handle = new SafeFileHandle(socket.Handle, ownsHandle: false))
                File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.Delete(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(Backlog);
            return new UnixListener(socket, accept, time, logger);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            throw new SandboxException($"Cannot listen on the Unix socket {path}: {error.Message}", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _loop.ConfigureAwait(false);
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _accept(await _socket.AcceptAsync(stop).ConfigureAwait(false));
            }
            catch (Exception error) when (stop.IsCancellationRequested && error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException error)
            {
                // Out of descriptors, most likely: connections that end will free some.
                _logger.AcceptFailed(error);
                await Task.Delay(RetryDelay, _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
