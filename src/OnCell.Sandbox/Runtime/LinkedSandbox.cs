using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Runtime;

/// <summary>A sandbox connected to its guest: all that is the same whichever runtime holds it.</summary>
internal abstract class LinkedSandbox : Sandbox
{
    private readonly SandboxLinks _links;
    private readonly TimeSpan _stopTimeout;
    private readonly KeyedLock<SandboxId> _locks;
    private readonly ILogger _logger;
    private volatile bool _released;
    private volatile bool _ending;

    /// <param name="id">Its id.</param>
    /// <param name="workFolder">The host folder that is <c>/work</c>.</param>
    /// <param name="links">The sockets, its own from here on.</param>
    /// <param name="ended">Ends when the sandbox's process does.</param>
    /// <param name="reasonOfDeath">Says why it ended, once it has.</param>
    /// <param name="stopTimeout">How long the guest may take to end by itself.</param>
    /// <param name="locks">The runtime's locks: one change of a sandbox at a time.</param>
    /// <param name="logger">The runtime's log.</param>
    protected LinkedSandbox(
        SandboxId id, string workFolder, SandboxLinks links, Task ended, Func<string> reasonOfDeath, TimeSpan stopTimeout,
        KeyedLock<SandboxId> locks, ILogger logger)
    {
        Id = id;
        WorkFolder = workFolder;
        _links = links;
        _stopTimeout = stopTimeout;
        _locks = locks;
        _logger = logger;
        Lost = ObserveAsync(ended, reasonOfDeath);
    }

    public override SandboxId Id { get; }

    public override string WorkFolder { get; }

    public override SandboxFiles Files => _links.Guest.Files;

    public override EgressPolicy Egress
    {
        get => _links.Egress.Policy;
        set => _links.Egress.Policy = value;
    }

    public override Task Lost { get; }

    public override Task<ExecHandle> StartExecAsync(ExecSpec spec, CancellationToken cancellationToken) =>
        _links.Guest.StartExecAsync(spec, cancellationToken);

    public override Task<ExecHandle?> AttachExecAsync(string key, int maxOutputBytes, CancellationToken cancellationToken) =>
        _links.Guest.AttachExecAsync(key, maxOutputBytes, cancellationToken);

    public override Task<ExecState> FindExecAsync(string key, CancellationToken cancellationToken) =>
        _links.Guest.FindExecAsync(key, cancellationToken);

    public override Task<IReadOnlyList<ExecInfo>> ListExecsAsync(CancellationToken cancellationToken) =>
        _links.Guest.ListExecsAsync(cancellationToken);

    public override Task ForgetExecAsync(string key, CancellationToken cancellationToken) =>
        _links.Guest.ForgetExecAsync(key, cancellationToken);

    public override Task<int?> CountProcessesAsync(CancellationToken cancellationToken) => _links.Guest.CountProcessesAsync(cancellationToken);

    public override Task<Stream> ConnectPortAsync(int port, CancellationToken cancellationToken) =>
        _links.Guest.ConnectPortAsync(port, cancellationToken);

    public override Task<Stream> ConnectEgressAsync(CancellationToken cancellationToken) => _links.ConnectEgressAsync(cancellationToken);

    public override async Task FreezeAsync(CancellationToken cancellationToken)
    {
        using var _ = await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        await SetFrozenAsync(true, cancellationToken).ConfigureAwait(false);
    }

    public override async Task ThawAsync(CancellationToken cancellationToken)
    {
        using var _ = await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        await SetFrozenAsync(false, cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var _ = await _locks.TakeAsync(Id, cancellationToken).ConfigureAwait(false);
        if (_released)
            return;
        var started = Stopwatch.GetTimestamp();
        if (!Lost.IsCompleted)
        {
            _ending = true;
            await AskGuestToEndAsync(cancellationToken).ConfigureAwait(false);
        }

        await LeaveAsync(cancellationToken).ConfigureAwait(false);
        RuntimeLog.Stopped(_logger, Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_released)
            return;
        _released = true;
        await _links.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Gets the sockets.</summary>
    protected SandboxLinks Links => _links;

    /// <summary>Gets the runtime's log.</summary>
    protected ILogger Logger => _logger;

    /// <summary>Gets or sets whether its end is meant, or somebody else's to tell.</summary>
    protected bool Released
    {
        get => _released;
        set => _released = value;
    }

    /// <summary>Takes the turn to change the sandbox, which must run.</summary>
    /// <exception cref="SandboxLostException">It does not.</exception>
    protected async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var turn = await _locks.TakeAsync(Id, cancellationToken).ConfigureAwait(false);
        if (!_released && !Lost.IsCompleted)
            return turn;
        turn.Dispose();
        throw new SandboxLostException($"Sandbox {Id} does not run any more.");
    }

    /// <summary>Removes what it has on the host but its volume's image, and the sockets.</summary>
    protected async Task LeaveAsync(CancellationToken cancellationToken)
    {
        _released = true;
        await RemoveAsync(cancellationToken).ConfigureAwait(false);
        await _links.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops its processors where they are, or lets them run on. Repeating either is no error.</summary>
    protected abstract Task SetFrozenAsync(bool frozen, CancellationToken cancellationToken);

    /// <summary>Removes what it has on the host but its volume's image.</summary>
    protected abstract Task RemoveAsync(CancellationToken cancellationToken);

    private async Task ObserveAsync(Task ended, Func<string> reasonOfDeath)
    {
        await ended.ConfigureAwait(false);
        var reason = reasonOfDeath();
        if (!_released && !_ending)
            RuntimeLog.Lost(_logger, Id, reason);
        _links.Guest.MarkLost($"Sandbox {Id} died: {reason}.");
    }

    private async Task AskGuestToEndAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_stopTimeout);
        try
        {
            await SetFrozenAsync(false, limit.Token).ConfigureAwait(false);
            await _links.Guest.ShutdownAsync(_stopTimeout / 2, limit.Token).ConfigureAwait(false);
            await Lost.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (SandboxLostException)
        {
            // It ended, as asked.
        }
        catch (Exception error) when (error is OperationCanceledException or SandboxException && !cancellationToken.IsCancellationRequested)
        {
            RuntimeLog.GuestKilled(_logger, Id, error.Message);
        }
    }
}
