using OnCell.Guest.Native;
using OnCell.Guest.Threading;

namespace OnCell.Guest.Egress;

/// <summary>The cell's only way out: a loopback port, each connection to it piped to the host's proxy.</summary>
internal sealed class EgressRelay(int port, string hostSocket)
{
    private const int Backlog = 128;
    private const int MaxConnections = 256;
    private const int DialPauseMilliseconds = 50;
    private const int MaxDialMilliseconds = 30_000;

    private readonly WorkerPool _pool = new(MaxConnections);
    private readonly object _gate = new();
    private int _open;
    private bool _held;

    /// <summary>Listens, then serves on a thread of its own. Returns the port.</summary>
    public int Start()
    {
        Sockets.RaiseLoopback();
        var (listener, actualPort) = Sockets.ListenLoopback(port, Backlog);
        new Thread(() => Accept(listener), 64 * 1024) { IsBackground = true, Name = "egress" }.Start();
        return actualPort;
    }

    /// <summary>Has new connections wait, unless some are open, whose number it returns.</summary>
    public int TryHold()
    {
        lock (_gate)
        {
            _held = _open == 0;
            return _open;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _held = false;
            Monitor.PulseAll(_gate);
        }
    }

    private void Accept(Fd listener)
    {
        while (true)
        {
            var client = Sockets.TryAccept(listener);
            if (client is null)
                Thread.Sleep(10); // Out of descriptors; the next connection waits in the backlog.
            else if (!_pool.TryRun(() => Serve(client)))
                client.Dispose();
        }
    }

    private void Serve(Fd client)
    {
        using (client)
        {
            Enter();
            try
            {
                // No host service even after a while: the client sees its connection closed and may try again.
                using var host = DialHost();
                if (host is not null)
                    Relay.Run(client, host);
            }
            finally
            {
                lock (_gate)
                    _open--;
            }
        }
    }

    /// <summary>Dials the host. A connection made while the host's service restarts waits for it instead of failing.</summary>
    private Fd? DialHost()
    {
        for (var waited = 0; ; waited += DialPauseMilliseconds)
        {
            if (Sockets.TryConnectUnix(hostSocket) is { } host)
                return host;
            if (waited >= MaxDialMilliseconds)
                return null;
            Thread.Sleep(DialPauseMilliseconds);
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            while (_held)
                Monitor.Wait(_gate);
            _open++;
        }
    }
}
