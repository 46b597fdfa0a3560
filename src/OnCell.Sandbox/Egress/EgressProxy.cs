using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandboxes;

/// <summary>The only way out of one sandbox: an HTTP and SOCKS5 proxy on a Unix socket of the host.</summary>
/// <remarks>
/// Trust: everything that comes from the socket is hostile; the policy, the resolver and what is dialled belong to the
/// host. Names are resolved here, an address is checked and then dialled, never looked up again.
/// </remarks>
internal sealed class EgressProxy : IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly UnixListener _listener;
    private readonly ConcurrentDictionary<EgressConnection, Task> _connections = new();
    private readonly Action<EgressEvent>? _onEvent;
    private readonly ILogger _logger;
    private readonly string _sandbox;
    private readonly LogBudget _denials;
    private readonly ITimer _sweeper;
    private EgressPolicy _policy;

    private EgressProxy(
        string socketPath, EgressPolicy policy, EgressOptions options, Action<EgressEvent>? onEvent, ILogger logger, string sandbox,
        IEgressDialer dialer)
    {
        options.Validate();
        Options = options;
        Connector = new EgressConnector(options, dialer);
        _policy = policy;
        _onEvent = onEvent;
        _denials = new LogBudget(options.Time);
        _logger = logger;
        _sandbox = sandbox;
        _listener = UnixListener.Start(socketPath, Accept, options.Time, logger);
        _sweeper = options.Time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <summary>Gets or sets the policy. Open connections that a new one forbids are closed, with an event.</summary>
    public EgressPolicy Policy
    {
        get => Volatile.Read(ref _policy);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Interlocked.Exchange(ref _policy, value);
            foreach (var connection in _connections.Keys)
                connection.Recheck(value);
        }
    }

    /// <summary>Gets how many connections are open.</summary>
    public int ConnectionCount => _connections.Count;

    internal EgressOptions Options { get; }

    internal EgressConnector Connector { get; }

    /// <summary>Listens on a Unix socket, replacing what lies at its path.</summary>
    /// <param name="socketPath">The path, at most 107 bytes, in a folder that the sandbox cannot write to.</param>
    /// <param name="policy">What may be reached.</param>
    /// <param name="options">Limits and resolution.</param>
    /// <param name="onEvent">Receives each decision and each end, from many threads; must not block.</param>
    /// <param name="logger">The log.</param>
    /// <param name="sandbox">The sandbox's name in the log.</param>
    /// <param name="dialer">Opens connections; a test's own.</param>
    /// <exception cref="SandboxException">The socket cannot be made.</exception>
    public static EgressProxy Start(
        string socketPath, EgressPolicy policy, EgressOptions? options = null, Action<EgressEvent>? onEvent = null,
        ILogger? logger = null, string sandbox = "", IEgressDialer? dialer = null) =>
        new(socketPath, policy, options ?? new EgressOptions(), onEvent, logger ?? NullLogger.Instance, sandbox, dialer ?? TcpDialer.Instance);

    /// <summary>Stops listening and ends every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        foreach (var connection in _connections.Keys)
            connection.Abort("the proxy was stopped");
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        Connector.Dispose();
    }

    internal void Report(EgressEvent egress)
    {
        if (egress.Allowed)
            _logger.Allowed(_sandbox, egress.Host, egress.Port, egress.Rule, egress.Closed, egress.BytesOut, egress.BytesIn, egress.Reason);
        else if (_denials.Take() is var skipped and >= 0)
            _logger.Denied(_sandbox, egress.Reason, skipped);
        try
        {
            _onEvent?.Invoke(egress);
        }
        catch (Exception error)
        {
            // The receiver is the caller's code; its fault must not stop the proxy.
            _logger.ReceiverFaulted(_sandbox, error);
        }
    }

    private void Accept(Socket client)
    {
        var connection = new EgressConnection(this, client);
        if (_connections.Count >= Options.MaxConnections)
        {
            connection.Report(null, allowed: false, rule: null, $"denied: more than {Options.MaxConnections} connections are open");
            connection.Dispose();
            return;
        }

        var served = new TaskCompletionSource();
        _connections[connection] = served.Task;
        _ = ServeAsync(connection, served);
    }

    private async Task ServeAsync(EgressConnection connection, TaskCompletionSource served)
    {
        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // A fault in one connection must not take the others down.
            _logger.ConnectionFaulted(_sandbox, error);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
            served.SetResult();
        }
    }

    private void Sweep()
    {
        var now = Options.Time.GetTimestamp();
        foreach (var connection in _connections.Keys)
            connection.Expire(now);
    }
}
