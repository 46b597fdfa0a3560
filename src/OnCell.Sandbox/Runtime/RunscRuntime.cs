using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Guest.Protocol;
using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Runtime;
using OnCell.Sandboxes.Snapshots;

namespace OnCell.Sandboxes;

/// <summary>gVisor sandboxes by the program runsc itself. Needs root.</summary>
/// <remarks>
/// A sandbox is a process tree of its own: it goes on when the process that started it dies, and is taken over with
/// <see cref="AttachAsync"/>. One process at a time may own a runtime root.
/// </remarks>
public sealed class RunscRuntime : ISandboxRuntime
{
    private readonly RunscOptions _options;
    private readonly ILogger _logger;
    private readonly RunscCommand _runsc;
    private readonly ProcessWatcher _watcher = new();
    private readonly KeyedLock<SandboxId> _locks = new();
    private readonly string _cgroupParent;
    private readonly WarmPool _pool;
    private readonly RuntimeRoot _root;
    private readonly SemaphoreSlim _taking = new(1, 1);
    private bool _runscChecked;
    private bool _taken;

    /// <summary>Initializes a runtime. Nothing is started or made yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="logger">The log; event ids 2000 to 2049.</param>
    /// <exception cref="ArgumentException">A setting cannot be used.</exception>
    /// <exception cref="PlatformNotSupportedException">The host is not Linux.</exception>
    public RunscRuntime(RunscOptions options, ILogger<RunscRuntime>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("gVisor runs on Linux only.");
        RunscOptionsValidator.Validate(options);
        _options = options;
        _logger = logger ?? NullLogger<RunscRuntime>.Instance;
        _runsc = new RunscCommand(options);
        _cgroupParent = CgroupParent(options.RuntimeRoot);
        _root = new RuntimeRoot(options.RuntimeRoot);
        Snapshots = new VolumeSnapshots(Home, _locks, options.Volumes);
        _pool = new WarmPool(Home, options, _runsc, _watcher, _logger);
    }

    /// <inheritdoc/>
    public ISandboxSnapshots Snapshots { get; }

    /// <inheritdoc/>
    public async Task<Sandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        SandboxSpecValidator.Validate(spec);
        using var _ = await _locks.TakeAsync(spec.Id, cancellationToken).ConfigureAwait(false);
        await RequireHostAsync(cancellationToken).ConfigureAwait(false);
        WarnOfLowDisk(spec.Folder);
        var started = Stopwatch.GetTimestamp();
        var home = Home(spec.Id);
        home.Folder.RequireSocketPaths();
        if (home.FindProcess() is int running)
            throw new SandboxException($"Sandbox {spec.Id} runs already (process {running}): attach to it, or destroy it first.");
        if (home.HasTrace)
            await home.RemoveAsync(cancellationToken).ConfigureAwait(false);

        var sandbox = await RestoreAsync(spec, home, cancellationToken).ConfigureAwait(false)
            ?? await JoinAsync(spec, home, cancellationToken).ConfigureAwait(false)
            ?? await BootAsync(spec, home, waiting: null, restore: false, cancellationToken).ConfigureAwait(false);
        if (sandbox.Restored)
            RuntimeLog.Restored(_logger, spec.Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds, sandbox.ProcessId);
        else
            RuntimeLog.Started(_logger, spec.Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds, sandbox.ProcessId);
        if (MayJoin(spec))
            _pool.BeginFill(spec.Resources);
        return sandbox;
    }

    /// <inheritdoc/>
    public async Task WarmAsync(SandboxResources resources, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resources);
        await RequireHostAsync(cancellationToken).ConfigureAwait(false);
        await _pool.FillAsync(resources).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Sandbox?> AttachAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        SandboxSpecValidator.Validate(spec);
        using var _ = await _locks.TakeAsync(spec.Id, cancellationToken).ConfigureAwait(false);
        await TakeOverAsync(cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        var home = Home(spec.Id);
        if (home.FindProcess() is int pid)
        {
            home.Volume(spec.Folder).Thaw();
            if (home.Cgroup.IsFrozen())
                await home.Cgroup.ThawAsync(cancellationToken).ConfigureAwait(false);
            var links = SandboxLinks.Open(spec, home.Folder, _options.Egress, _logger);
            try
            {
                var sandbox = await ConnectAsync(spec, home, links, pid, restored: false, _options.AttachTimeout, cancellationToken).ConfigureAwait(false);
                RuntimeLog.Attached(_logger, spec.Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds, pid);
                return sandbox;
            }
            catch (SandboxException error)
            {
                await links.DisposeAsync().ConfigureAwait(false);
                RuntimeLog.NotAttached(_logger, spec.Id, error.Message);
            }
            catch
            {
                await links.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        if (home.HasTrace)
            await home.RemoveAsync(cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SandboxId>> ListAsync(CancellationToken cancellationToken)
    {
        await TakeOverAsync(cancellationToken).ConfigureAwait(false);
        var names = new SortedSet<string>(Cgroup.Children(_cgroupParent), StringComparer.Ordinal);
        if (Directory.Exists(_options.RuntimeRoot))
            names.UnionWith(Directory.GetDirectories(_options.RuntimeRoot).Select(path => Path.GetFileName(path)));
        if (Directory.Exists(_runsc.Root))
            names.UnionWith(Directory.GetFiles(_runsc.Root, "*.state").Select(path => Path.GetFileName(path).Split('_')[0]));
        return [.. names.Where(SandboxId.IsValid).Select(name => new SandboxId(name))];
    }

    /// <inheritdoc/>
    public async Task DestroyAsync(SandboxId id, CancellationToken cancellationToken)
    {
        using var _ = await _locks.TakeAsync(id, cancellationToken).ConfigureAwait(false);
        var home = Home(id);
        if (!home.HasTrace)
            return;
        await home.RemoveAsync(cancellationToken).ConfigureAwait(false);
        RuntimeLog.Destroyed(_logger, id);
    }

    /// <inheritdoc/>
    public Task<RuntimeReport> ProbeAsync(CancellationToken cancellationToken) =>
        new HostProbe(_options, _runsc).RunAsync(cancellationToken);

    /// <summary>Lets go of everything. Sandboxes go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync().ConfigureAwait(false);
        _watcher.Dispose();
        _taking.Dispose();
        if (Cgroup.Children(_cgroupParent).Count == 0)
            await Cgroup.At(_cgroupParent).RemoveAsync(CancellationToken.None).ConfigureAwait(false);
        _root.Dispose();
    }

    /// <summary>Gets the control group below which those of all sandboxes of a runtime root are.</summary>
    internal static string CgroupParent(string runtimeRoot) => "/oncell-" + RuntimeFolder.Fingerprint(runtimeRoot);

    private SandboxHome Home(SandboxId id) => Home(id.Value);

    private SandboxHome Home(string name) => new(_options, _runsc, _cgroupParent, name);

    private async Task RequireHostAsync(CancellationToken cancellationToken)
    {
        if (_runscChecked)
            return;
        if (Libc.EffectiveUser() != 0)
            throw new SandboxException("Starting sandboxes needs root (mounts, control groups, loop devices): run the service as root.");
        _ = GuestBinary.Locate(_options.GuestPath);
        RunscVersion.Require(await _runsc.VersionAsync(cancellationToken).ConfigureAwait(false));
        _root.Hold();
        Directory.CreateDirectory(_runsc.Root);
        await TakeOverAsync(cancellationToken).ConfigureAwait(false);
        _runscChecked = true;
    }

    /// <summary>Once, before anything else: removes what an earlier owner of the root had booted ahead.</summary>
    private async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        if (_taken)
            return;
        await _taking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_taken && Directory.Exists(_options.RuntimeRoot))
                await _pool.RemoveStraysAsync(cancellationToken).ConfigureAwait(false);
            _taken = true;
        }
        finally
        {
            _taking.Release();
        }
    }

    private static bool MayJoin(SandboxSpec spec) => !spec.Checkpoints && spec.Gpu is null;

    private async Task<RunscSandbox?> RestoreAsync(SandboxSpec spec, SandboxHome home, CancellationToken cancellationToken)
    {
        var checkpoint = new CheckpointFolder(spec.Folder);
        if (!checkpoint.Exists)
            return null;
        try
        {
            if (!spec.Checkpoints)
                throw new SandboxException("The sandbox is started without SandboxSpec.Checkpoints.");
            return await BootAsync(spec, home, waiting: null, restore: true, cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException error)
        {
            RuntimeLog.NotRestored(_logger, spec.Id, error.Message);
            return null;
        }
        finally
        {
            checkpoint.Remove();
        }
    }

    private async Task<RunscSandbox?> JoinAsync(SandboxSpec spec, SandboxHome home, CancellationToken cancellationToken)
    {
        if (!MayJoin(spec) || _pool.Take(spec.Resources) is not { } waiting)
            return null;
        using (waiting)
        {
            try
            {
                return await BootAsync(spec, home, waiting, restore: false, cancellationToken).ConfigureAwait(false);
            }
            catch (SandboxException error)
            {
                RuntimeLog.NotJoined(_logger, spec.Id, error.Message);
                return null;
            }
        }
    }

    private async Task<RunscSandbox> BootAsync(
        SandboxSpec spec, SandboxHome home, WaitingSandbox? waiting, bool restore, CancellationToken cancellationToken)
    {
        using var quick = waiting is null ? CgroupMoves.Host.KeepQuick() : null;
        SandboxLinks? links = null;
        try
        {
            var message = await home.PrepareAsync(spec, waiting, cancellationToken).ConfigureAwait(false);
            var image = restore ? await TakeCheckpointAsync(spec, home, cancellationToken).ConfigureAwait(false) : null;
            links = SandboxLinks.Open(spec, home.Folder, _options.Egress, _logger);
            var connected = links.Guest.WaitConnectedAsync(_options.StartTimeout, cancellationToken);
            await (waiting is null
                ? RunAsync(spec, home, image, connected, cancellationToken)
                : MoveInAsync(home, waiting, message!, connected, cancellationToken)).ConfigureAwait(false);
            var pid = home.FindProcess()
                ?? throw new SandboxException($"Sandbox {spec.Id} ended as it started, before its guest answered.");
            return await ConnectAsync(spec, home, links, pid, restore, _options.StartTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (links is not null)
                await links.DisposeAsync().ConfigureAwait(false);
            await home.RemoveAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task MoveInAsync(
        SandboxHome home, WaitingSandbox waiting, MoveInMessage message, Task connected, CancellationToken cancellationToken)
    {
        await home.Cgroup.ThawAsync(cancellationToken).ConfigureAwait(false);
        await waiting.SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (await Task.WhenAny(connected, waiting.Ended).ConfigureAwait(false) == waiting.Ended)
            throw new SandboxException($"The waiting sandbox {waiting.Name} ended as the cell moved in: {home.ReadLastWords()}");
        await connected.ConfigureAwait(false);
    }

    private async Task RunAsync(SandboxSpec spec, SandboxHome home, string? image, Task connected, CancellationToken cancellationToken)
    {
        var run = image is null
            ? _runsc.RunDetachedAsync(home.Folder, spec.Gpu is not null, cancellationToken)
            : _runsc.RestoreDetachedAsync(home.Folder, image, cancellationToken);
        await Task.WhenAny(run, connected).ConfigureAwait(false);
        if (connected.IsCompletedSuccessfully)
            LogFailure(spec.Id, run); // the guest is there, so runsc has nothing left to do but to end
        else
            await run.ConfigureAwait(false);
    }

    private static async Task<string> TakeCheckpointAsync(SandboxSpec spec, SandboxHome home, CancellationToken cancellationToken)
    {
        var note = await home.DescribeAsync(cancellationToken).ConfigureAwait(false);
        var (image, fault) = new CheckpointFolder(spec.Folder).Take(note);
        return image ?? throw new SandboxException($"It does not fit: {fault}.");
    }

    private async Task<RunscSandbox> ConnectAsync(
        SandboxSpec spec, SandboxHome home, SandboxLinks links, int pid, bool restored, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Without its gofers gVisor's kernel goes on, without files.
        var ended = Task.WhenAny(home.FindGofers().Prepend(pid).Select(_watcher.WhenEndedAsync));
        if (home.FindProcess() != pid) // looked at again, as the number could have changed hands before it was watched
            throw new SandboxLostException($"Sandbox {spec.Id} died.");
        await links.ConnectAsync(ended, timeout, cancellationToken).ConfigureAwait(false);
        return new RunscSandbox(spec, home, links, pid, restored, ended, _runsc, _options, _locks, _logger);
    }

    private void LogFailure(SandboxId id, Task run) => _ = run.ContinueWith(
        failed => RuntimeLog.RunscFailed(_logger, id, failed.Exception!.InnerException!.Message),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private void WarnOfLowDisk(string folder)
    {
        Directory.CreateDirectory(folder);
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < _options.Volumes.WarnFreeBytes)
            RuntimeLog.DiskLow(_logger, folder, free >> 20);
    }
}
