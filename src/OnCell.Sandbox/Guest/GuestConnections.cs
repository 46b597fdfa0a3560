using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>Accepts the guest's connections, one live at a time, and says which one it is.</summary>
internal sealed class GuestConnections : IAsyncDisposable
{
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<Task> _accepting = [];
    private Socket? _listener;
    private TaskCompletionSource<GuestConnection> _connected = NewSource();
    private GuestConnection? _live;
    private Exception? _ended;

    private GuestConnections(string path, ILogger logger)
    {
        Path = path;
        _logger = logger;
    }

    public string Path { get; }

    public Task Lost => _lost.Task;

    /// <summary>Gets why the latest connection that was turned away was.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Gets the live connection, now or when the guest has dialled; fails once the sandbox is dead or let go.</summary>
    public Task<GuestConnection> Live
    {
        get
        {
            lock (_lock)
            {
                return _ended switch
                {
                    null => _connected.Task,
                    SandboxLostException => Task.FromException<GuestConnection>(
                        new SandboxLostException(_ended.Message, _ended)),
                    _ => Task.FromException<GuestConnection>(new ObjectDisposedException(nameof(GuestChannel))),
                };
            }
        }
    }

    public static GuestConnections Listen(string path, ILogger logger)
    {
        var connections = new GuestConnections(path, logger);
        connections.StartListening();
        return connections;
    }

    /// <summary>Listens, in place of any socket that is there.</summary>
    public void StartListening()
    {
        lock (_lock)
        {
            if (_ended is not null || _listener is not null)
                return;
            _listener = GuestListener.Bind(Path);
            _accepting.RemoveAll(t => t.IsCompleted);
            _accepting.Add(AcceptAllAsync(_listener));
        }
    }

    /// <summary>Has nobody connect until <see cref="StartListening"/>; the live connection stays.</summary>
    public void StopListening()
    {
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
        }
    }

    /// <summary>Fails all calls, now and later, and accepts nothing any more.</summary>
    public void End(Exception reason)
    {
        GuestConnection? live;
        TaskCompletionSource<GuestConnection> waiting;
        lock (_lock)
        {
            if (_ended is not null)
                return;
            _ended = reason;
            live = _live;
            waiting = _connected;
        }
        if (waiting.TrySetException(reason))
            _ = waiting.Task.Exception; // Observed: it is fine if nobody waited.
        live?.Break(reason);
        _stop.Cancel();
        if (reason is SandboxLostException)
            _lost.TrySetResult();
    }

    /// <summary>Cuts the live connection; the guest dials again.</summary>
    public void BreakLive()
    {
        GuestConnection? live;
        lock (_lock)
            live = _live;
        live?.Break(new GuestConnectionException("the host cut the connection"));
    }

    public async ValueTask DisposeAsync()
    {
        End(new ObjectDisposedException(nameof(GuestChannel)));
        StopListening();
        await Task.WhenAll(_accepting).ConfigureAwait(false);
        _stop.Dispose();
    }

    private static TaskCompletionSource<GuestConnection> NewSource() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task AcceptAllAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                await GreetAsync(new GuestConnection(socket)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (listener != _listener || _stop.IsCancellationRequested)
            {
                return; // Closed while it waited.
            }
            catch (SocketException e)
            {
                GuestLog.AcceptFailed(_logger, Path, e);
                await Task.Delay(AcceptPause).ConfigureAwait(false); // Such as too many open files: later there may be one.
            }
        }
    }

    private async Task GreetAsync(GuestConnection connection)
    {
        string refusal;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        timeout.CancelAfter(HelloTimeout);
        try
        {
            var hello = await connection.ReadHelloAsync(timeout.Token).ConfigureAwait(false);
            if (Judge(hello) is not { } objection)
            {
                await connection.SendAsync(FrameType.Welcome, 0, 0, default, timeout.Token).ConfigureAwait(false);
                GuestLog.Connected(_logger, Path, hello.Release, hello.BootId);
                Serve(connection);
                return;
            }
            refusal = objection;
            var writer = new WireWriter();
            writer.String(refusal);
            await connection.SendAsync(FrameType.Refused, 0, 0, writer.WrittenMemory, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            refusal = "it said no hello in time";
        }
        catch (Exception e) when (e is ProtocolException or SandboxException or IOException or ObjectDisposedException)
        {
            refusal = e.Message;
        }
        connection.Dispose();
        Refusal = refusal;
        GuestLog.Refused(_logger, Path, refusal);
    }

    private string? Judge(HelloMessage hello)
    {
        if (hello.Version != ProtocolConstants.Version)
            return $"guest {hello.Release} speaks protocol {hello.Version} and this host {ProtocolConstants.Version}; "
                + "start the sandbox anew, with the guest of this release";
        lock (_lock)
            return _live is null ? null : "the guest is connected already";
    }

    private void Serve(GuestConnection connection)
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                connection.Dispose();
                return;
            }
            _live = connection;
            _connected.SetResult(connection);
        }
        _ = ServeAsync(connection);
    }

    private async Task ServeAsync(GuestConnection connection)
    {
        var reason = await connection.ReadAllAsync(OnLiveBroken).ConfigureAwait(false);
        GuestLog.Disconnected(_logger, Path, reason.Message);
    }

    private void OnLiveBroken()
    {
        lock (_lock)
        {
            _live = null;
            if (_ended is null)
                _connected = NewSource();
        }
    }
}
