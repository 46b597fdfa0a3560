using Microsoft.Extensions.Logging;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>
/// Sandboxes that are booted before anybody needs one: most of a cold start is booting gVisor's kernel, which knows
/// nothing of the cell. A cell moves into one that waits, and nobody ever gets it after.
/// </summary>
/// <remarks>
/// What a cell sees of memory and processors is fixed when the sandbox boots, and so are its caps: there is a pool for
/// each of the few sizes that were last in use. It is filled one by one, never on the way of a start.
/// </remarks>
internal sealed class WarmPool : IAsyncDisposable
{
    private const string Prefix = ".pool-";
    private const int MaxSizes = 4;

    private readonly Func<string, SandboxHome> _home;
    private readonly RunscOptions _options;
    private readonly RunscCommand _runsc;
    private readonly ProcessWatcher _watcher;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<(SandboxResources Size, Queue<WaitingSandbox> Members)> _sizes = [];
    private readonly List<WaitingSandbox> _discarded = [];
    private readonly CancellationTokenSource _disposed = new();
    private Task _filling = Task.CompletedTask;

    internal WarmPool(
        Func<string, SandboxHome> home, RunscOptions options, RunscCommand runsc, ProcessWatcher watcher, ILogger logger) =>
        (_home, _options, _runsc, _watcher, _logger) = (home, options, runsc, watcher, logger);

    /// <summary>Takes a booted sandbox of a size; <see langword="null"/> where none is ready.</summary>
    internal WaitingSandbox? Take(SandboxResources resources)
    {
        lock (_gate)
        {
            var members = Members(resources);
            while (members.TryDequeue(out var member))
            {
                if (!member.Ended.IsCompleted)
                    return member;
                _discarded.Add(member); // it died while it waited; what it has on the host goes when the pool is filled
            }
        }

        return null;
    }

    /// <summary>Begins to fill the pool of a size, in the background.</summary>
    internal void BeginFill(SandboxResources resources) => _ = FillAsync(resources);

    /// <summary>Fills the pool of a size; ends when it is full, or could not be filled.</summary>
    internal Task FillAsync(SandboxResources resources)
    {
        if (_options.WarmPoolSize == 0)
            return Task.CompletedTask;
        lock (_gate)
            return _filling = FillAfterAsync(_filling, Size(resources));
    }

    /// <summary>Removes the pooled sandboxes of an earlier process that no cell runs in.</summary>
    internal async Task RemoveStraysAsync(CancellationToken cancellationToken)
    {
        var names = Directory.GetDirectories(_options.RuntimeRoot).Select(path => Path.GetFileName(path)).ToList();
        var claimed = names.Select(name => new RuntimeFolder(_options.RuntimeRoot, name).ReadRecord()?.Pooled).OfType<string>().ToHashSet();
        foreach (var stray in names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && !claimed.Contains(name)))
            await _home(stray).RemoveAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        Task filling;
        lock (_gate)
            filling = _filling;
        await filling.ConfigureAwait(false);
        await RemoveAsync(_sizes.SelectMany(size => size.Members).Concat(_discarded)).ConfigureAwait(false);
        _disposed.Dispose();
    }

    private static SandboxResources Size(SandboxResources resources) => resources with { StorageBytes = 0 };

    // The sizes in order of use; the one that was not used for longest gives way.
    private Queue<WaitingSandbox> Members(SandboxResources resources)
    {
        var size = Size(resources);
        var index = _sizes.FindIndex(entry => entry.Size == size);
        var found = index >= 0 ? _sizes[index] : (size, new Queue<WaitingSandbox>());
        if (index >= 0)
            _sizes.RemoveAt(index);
        _sizes.Insert(0, found);
        return found.Item2;
    }

    private async Task FillAfterAsync(Task earlier, SandboxResources size)
    {
        await earlier.ConfigureAwait(false);
        try
        {
            while (!_disposed.IsCancellationRequested && Lacks(size))
            {
                var member = await BootAsync(size, _disposed.Token).ConfigureAwait(false);
                lock (_gate)
                    Members(size).Enqueue(member);
            }

            await TrimAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // disposed
        }
        catch (Exception error) when (error is SandboxException or IOException)
        {
            RuntimeLog.PoolNotFilled(_logger, error.Message); // the next start boots its own, and tries again after
        }
    }

    private bool Lacks(SandboxResources size)
    {
        lock (_gate)
            return Members(size).Count < _options.WarmPoolSize;
    }

    private async Task TrimAsync()
    {
        List<WaitingSandbox> surplus;
        lock (_gate)
        {
            surplus = [.. _discarded];
            _discarded.Clear();
            while (_sizes.Count > MaxSizes)
            {
                surplus.AddRange(_sizes[^1].Members);
                _sizes.RemoveAt(_sizes.Count - 1);
            }
        }

        await RemoveAsync(surplus).ConfigureAwait(false);
    }

    private async Task RemoveAsync(IEnumerable<WaitingSandbox> members)
    {
        foreach (var member in members)
        {
            member.Dispose();
            await _home(member.Name).RemoveAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<WaitingSandbox> BootAsync(SandboxResources size, CancellationToken cancellationToken)
    {
        var name = $"{Prefix}{Guid.NewGuid():N}"[..(Prefix.Length + 12)];
        var home = _home(name);
        Stream? input = null;
        try
        {
            await home.PrepareWaitingAsync(size, cancellationToken).ConfigureAwait(false);
            input = await _runsc.RunWaitingAsync(home.Folder, cancellationToken).ConfigureAwait(false);
            var pid = home.FindProcess() ?? throw new SandboxException("A sandbox of the warm pool ended as it started.");
            await home.Cgroup.FreezeAsync(cancellationToken).ConfigureAwait(false); // awake, gVisor would use a little processor time
            return new WaitingSandbox(name, pid, _watcher.WhenEndedAsync(pid), input);
        }
        catch
        {
            if (input is not null)
                await input.DisposeAsync().ConfigureAwait(false);
            await home.RemoveAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }
}
