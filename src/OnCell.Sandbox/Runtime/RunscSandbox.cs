using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Runtime;

/// <summary>A sandbox of <see cref="RunscRuntime"/>, connected to its guest.</summary>
internal sealed class RunscSandbox : Sandbox
{
    private readonly SandboxHome _home;
    private readonly SandboxLinks _links;
    private readonly int _pid;
    private readonly RunscOptions _options;
    private readonly KeyedLock<SandboxId> _locks;
    private readonly ILogger _logger;
    private volatile bool _released;

    internal RunscSandbox(
        SandboxSpec spec, SandboxHome home, SandboxLinks links, int pid, Task ended, RunscOptions options,
        KeyedLock<SandboxId> locks, ILogger logger)
    {
        Id = spec.Id;
        _home = home;
        _links = links;
        _pid = pid;
        _options = options;
        _locks = locks;
        _logger = logger;
        WorkFolder = home.Volume(spec.Folder).Work;
        Lost = ObserveAsync(ended);
    }

    public override SandboxId Id { get; }

    internal int ProcessId => _pid;

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

    public override Task<ExecState> FindExecAsync(string key, CancellationToken cancellationToken) =>
        _links.Guest.FindExecAsync(key, cancellationToken);

    public override Task ForgetExecAsync(string key, CancellationToken cancellationToken) =>
        _links.Guest.ForgetExecAsync(key, cancellationToken);

    public override Task<Stream> ConnectPortAsync(int port, CancellationToken cancellationToken) =>
        _links.Guest.ConnectPortAsync(port, cancellationToken);

    public override async Task FreezeAsync(CancellationToken cancellationToken)
    {
        using var _ = await _locks.TakeAsync(Id, cancellationToken).ConfigureAwait(false);
        ThrowIfLost();
        await _home.Cgroup.FreezeAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task ThawAsync(CancellationToken cancellationToken)
    {
        using var _ = await _locks.TakeAsync(Id, cancellationToken).ConfigureAwait(false);
        ThrowIfLost();
        await _home.Cgroup.ThawAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var _ = await _locks.TakeAsync(Id, cancellationToken).ConfigureAwait(false);
        if (_released)
            return;
        var started = Stopwatch.GetTimestamp();
        if (!Lost.IsCompleted)
            await AskGuestToEndAsync(cancellationToken).ConfigureAwait(false);
        _released = true;
        await _home.RemoveAsync(cancellationToken).ConfigureAwait(false);
        await _links.DisposeAsync().ConfigureAwait(false);
        RuntimeLog.Stopped(_logger, Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_released)
            return;
        _released = true;
        await _links.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ObserveAsync(Task ended)
    {
        await ended.ConfigureAwait(false);
        var reason = _home.Cgroup.WasOutOfMemory()
            ? "it needed more memory than its cap"
            : $"its process {_pid} ended";
        if (!_released)
            RuntimeLog.Lost(_logger, Id, reason);
        _links.Guest.MarkLost($"Sandbox {Id} died: {reason}.");
    }

    private async Task AskGuestToEndAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.StopTimeout);
        try
        {
            if (_home.Cgroup.IsFrozen())
                await _home.Cgroup.ThawAsync(limit.Token).ConfigureAwait(false);
            await _links.Guest.ShutdownAsync(_options.StopTimeout / 2, limit.Token).ConfigureAwait(false);
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

    private void ThrowIfLost()
    {
        if (_released || Lost.IsCompleted)
            throw new SandboxLostException($"Sandbox {Id} does not run any more.");
    }
}
