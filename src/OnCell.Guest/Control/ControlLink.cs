using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Control;

/// <summary>Keeps the guest connected to its host, for ever.</summary>
internal sealed class ControlLink(string socketPath, HelloMessage hello, Action<Call> dispatch, Action connected)
{
    public const int SendTimeoutSeconds = 30;

    private const int FirstWaitMilliseconds = 10;
    private const int LongestWaitMilliseconds = 250;

    /// <summary>Dials, serves, and dials again when the host service goes away. Does not return.</summary>
    public void Run()
    {
        var wait = FirstWaitMilliseconds;
        while (true)
        {
            if (ServeOnce())
                wait = FirstWaitMilliseconds;
            Thread.Sleep(wait);
            wait = Math.Min(wait * 2, LongestWaitMilliseconds);
        }
    }

    private bool ServeOnce()
    {
        try
        {
            using var socket = Sockets.TryConnectUnix(socketPath);
            if (socket is null)
                return false;
            Sockets.SetSendTimeout(socket, SendTimeoutSeconds);
            var connection = new Connection(socket, dispatch);
            if (!connection.Greet(hello))
                return false;
            connected();
            connection.Serve();
            return true;
        }
        catch (Exception e)
        {
            // Whatever it was, process 1 lives and dials again.
            Log.Error("the connection to the host broke", e);
            return false;
        }
    }
}
