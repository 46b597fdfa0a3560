using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Control;

/// <summary>Keeps the guest connected to its host, for ever.</summary>
internal sealed class ControlLink(string socketPath, HelloMessage hello)
{
    public const int SendTimeoutSeconds = 30;

    private const int FirstWaitMilliseconds = 10;
    private const int LongestWaitMilliseconds = 250;

    private Connection? _announced;

    /// <summary>Dials once and says hello: the host hears of the guest while the rest of it is still being made.</summary>
    public void Announce()
    {
        try
        {
            _announced = TryDial();
        }
        catch (Exception e)
        {
            Log.Error("the host could not be dialled", e); // Run tries again.
        }
    }

    /// <summary>Serves, and dials again when the host service goes away. Does not return.</summary>
    public void Run(Action<Call> dispatch, Action connected)
    {
        var wait = FirstWaitMilliseconds;
        while (true)
        {
            if (ServeOnce(dispatch, connected))
                wait = FirstWaitMilliseconds;
            Thread.Sleep(wait);
            wait = Math.Min(wait * 2, LongestWaitMilliseconds);
        }
    }

    private bool ServeOnce(Action<Call> dispatch, Action connected)
    {
        try
        {
            using var connection = _announced ?? TryDial();
            _announced = null;
            if (connection is null || !connection.WaitWelcome())
                return false;
            connected();
            connection.Serve(dispatch);
            return true;
        }
        catch (Exception e)
        {
            // Whatever it was, process 1 lives and dials again.
            Log.Error("the connection to the host broke", e);
            return false;
        }
    }

    private Connection? TryDial()
    {
        if (Sockets.TryConnectUnix(socketPath) is not { } socket)
            return null;
        Sockets.SetSendTimeout(socket, SendTimeoutSeconds);
        var connection = new Connection(socket);
        connection.Greet(hello);
        return connection;
    }
}
