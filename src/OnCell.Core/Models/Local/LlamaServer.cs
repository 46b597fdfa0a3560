using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OnCell.Sandboxes;

namespace OnCell.Models.Local;

/// <summary>One model's server: started when it is asked, restarted when it died, stopped when it idles; its callers wait in turn.</summary>
internal sealed class LlamaServer(string name, LocalModelOptions options, LocalModels models, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    /// <summary>Where requests go: nothing but the server's own connections ever resolves it.</summary>
    public static readonly Uri Address = new("http://local-model/v1");

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _places = new(options.Parallel, options.Parallel);
    private readonly LlamaSandbox _sandbox = new(name, options, models, logger);
    private RunningServer? _running;
    private ITimer? _idle;
    private int _present;
    private int _busy;
    private bool _stopped;

    /// <summary>Takes a place in the queue, and waits for it and for the server.</summary>
    /// <returns>The place, to be given back by disposing.</returns>
    /// <exception cref="ModelException">The queue is full, or the server cannot be started.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _present) > options.Parallel + options.MaxQueued)
        {
            Interlocked.Decrement(ref _present);
            throw new ModelException(ModelFailure.Busy,
                $"The local model \"{name}\" is busy: {options.Parallel} answer and {options.MaxQueued} wait (LocalModelOptions.Parallel, MaxQueued). Try again later.");
        }

        var place = new Place(this);
        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            place.HasPlace = true;
            Interlocked.Increment(ref _busy);
            await EnsureRunningAsync(cancellationToken).ConfigureAwait(false);
            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the server that runs now.</summary>
    public Task<Stream> ConnectAsync(CancellationToken cancellationToken) => Volatile.Read(ref _running) is { IsAlive: true } running
        ? running.ConnectAsync(cancellationToken)
        : throw new IOException($"the server of the local model \"{name}\" does not run");

    /// <summary>Stops the server for good. Who still waits for it is told so.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _stopped = true;
            await EndAsync("the service stops").ConfigureAwait(false);
            if (_idle is { } idle) await idle.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task EnsureRunningAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _running) is { IsAlive: true }) return;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_running is { IsAlive: true }) return;
            if (_stopped) throw new ModelException(ModelFailure.Unavailable, $"The local model \"{name}\" is not started: the service stops.");
            if (_running is not null) LocalModelLog.Died(logger, name, _running.Reason);
            await EndAsync("it died").ConfigureAwait(false);
            var watch = Stopwatch.StartNew();
            Volatile.Write(ref _running, await _sandbox.StartAsync(cancellationToken).ConfigureAwait(false));
            LocalModelLog.Started(logger, name, watch.Elapsed.TotalSeconds);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Leave(bool hadPlace)
    {
        Interlocked.Decrement(ref _present);
        if (!hadPlace) return;
        if (Interlocked.Decrement(ref _busy) == 0)
        {
            _idle ??= time.CreateTimer(_ => _ = StopIfIdleAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (!_stopped) _idle.Change(options.IdleTimeout, Timeout.InfiniteTimeSpan);
        }

        _places.Release();
    }

    private async Task StopIfIdleAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _busy) == 0) await EndAsync("it was idle").ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            LocalModelLog.NotStopped(logger, name, e); // the next start removes what is left of it
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends what runs. The caller has the turn.</summary>
    private async Task EndAsync(string reason)
    {
        if (_running is not { } running) return;
        Volatile.Write(ref _running, null);
        await running.DisposeAsync().ConfigureAwait(false);
        LocalModelLog.Stopped(logger, name, reason);
    }

    private sealed class Place(LlamaServer server) : IDisposable
    {
        private int _left;

        public bool HasPlace { get; set; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) server.Leave(HasPlace);
        }
    }
}
