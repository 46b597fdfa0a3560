using System.Diagnostics;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Sandboxes.Docker;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Images;
using OnCell.Sandboxes.Runtime;
using OnCell.Sandboxes.Snapshots;

namespace OnCell.Sandboxes;

/// <summary>gVisor sandboxes by a Docker engine of this host that has runsc registered.</summary>
/// <remarks>
/// The same guest, volumes and commands as with <see cref="RunscRuntime"/>; a stopped sandbox may be started by the other. A
/// service that is not root needs the right to use the engine's socket, and has no cap on its sandboxes' disks; see
/// <see cref="DockerOptions.AllowUncappedDisk"/>. Whoever may use that socket is as mighty as root.
/// </remarks>
public sealed class DockerRuntime : ISandboxRuntime
{
    private readonly DockerOptions _options;
    private readonly ILogger _logger;
    private readonly DockerEngine _engine;
    private readonly ProcessWatcher _watcher = new();
    private readonly KeyedLock<SandboxId> _locks = new();
    private readonly string _label;
    private readonly VolumeSnapshots _snapshots;
    private readonly RuntimeRoot _root;

    /// <summary>Initializes a runtime. Nothing is started or made yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="logger">The log; event ids 2000 to 2049.</param>
    /// <exception cref="ArgumentException">A setting cannot be used.</exception>
    /// <exception cref="PlatformNotSupportedException">The host is not Linux.</exception>
    public DockerRuntime(DockerOptions options, ILogger<DockerRuntime>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("gVisor runs on Linux only.");
        DockerOptionsValidator.Validate(options);
        _options = options;
        _logger = logger ?? NullLogger<DockerRuntime>.Instance;
        _engine = new DockerEngine(options);
        _label = RuntimeFolder.Fingerprint(options.RuntimeRoot);
        _snapshots = new VolumeSnapshots(Home, _locks, options.Volumes);
        _root = new RuntimeRoot(options.RuntimeRoot);
    }

    /// <inheritdoc/>
    /// <remarks>A service that is not root makes no volumes, so it has none to copy.</remarks>
    public ISandboxSnapshots Snapshots => _options.CapsDisks
        ? _snapshots
        : throw new NotSupportedException("Sandboxes of a service that is not root have no volumes, which is what snapshots are copies of: run the service as root.");

    /// <inheritdoc/>
    public async Task<Sandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        SandboxSpecValidator.Validate(spec);
        if (spec.Gpu is { } gpu)
            throw new SandboxException($"Sandbox {spec.Id} asks for GPU {gpu}, which {nameof(DockerRuntime)} does not hand on: use {nameof(RunscRuntime)}.");
        using var _ = await _locks.TakeAsync(spec.Id, cancellationToken).ConfigureAwait(false);
        new CheckpointFolder(spec.Folder).Remove(); // another runtime's, and its processes know the files as they were
        var started = Stopwatch.GetTimestamp();
        var home = Home(spec.Id);
        home.Folder.RequireSocketPaths();
        var isGvisor = await EngineRequirements.RequireAsync(_engine, _options, cancellationToken).ConfigureAwait(false);
        if (await home.FindAsync(cancellationToken).ConfigureAwait(false) is { Lives: true } running)
            throw new SandboxException($"Sandbox {spec.Id} runs already (container {running.Id[..12]}): attach to it, or destroy it first.");
        await home.RemoveAsync(cancellationToken).ConfigureAwait(false);
        WarnOfDangers(spec, isGvisor);
        _root.Hold();

        SandboxLinks? links = null;
        try
        {
            await home.PrepareAsync(spec, cancellationToken).ConfigureAwait(false);
            links = SandboxLinks.Open(spec, home.Folder, _options.Egress, _logger);
            await home.CreateAsync(spec, isGvisor, cancellationToken).ConfigureAwait(false);
            var container = await home.FindAsync(cancellationToken).ConfigureAwait(false);
            if (container is not { Running: true, Pid: > 0 })
                throw new SandboxException($"Sandbox {spec.Id} ended as it started, before its guest answered. {container?.Error}".TrimEnd());
            var sandbox = await ConnectAsync(spec, home, links, container, _options.StartTimeout, cancellationToken).ConfigureAwait(false);
            RuntimeLog.Started(_logger, spec.Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds, container.Pid);
            return sandbox;
        }
        catch
        {
            if (links is not null)
                await links.DisposeAsync().ConfigureAwait(false);
            await home.RemoveAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<Sandbox?> AttachAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        SandboxSpecValidator.Validate(spec);
        using var _ = await _locks.TakeAsync(spec.Id, cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        var home = Home(spec.Id);
        if (await home.FindAsync(cancellationToken).ConfigureAwait(false) is { Running: true } container && Directory.Exists(home.Folder.Sockets))
        {
            home.Volume(spec.Folder).Thaw(); // an earlier process may have died in the middle of a copy
            SandboxLinks? links = null;
            try
            {
                await home.ThawAsync(_options.AttachTimeout, cancellationToken).ConfigureAwait(false);
                links = SandboxLinks.Open(spec, home.Folder, _options.Egress, _logger);
                var sandbox = await ConnectAsync(spec, home, links, container, _options.AttachTimeout, cancellationToken).ConfigureAwait(false);
                RuntimeLog.Attached(_logger, spec.Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds, container.Pid);
                return sandbox;
            }
            catch (SandboxException error)
            {
                if (links is not null)
                    await links.DisposeAsync().ConfigureAwait(false);
                RuntimeLog.NotAttached(_logger, spec.Id, error.Message);
            }
            catch
            {
                if (links is not null)
                    await links.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        await home.RemoveAsync(cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SandboxId>> ListAsync(CancellationToken cancellationToken)
    {
        var filter = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>>
            {
                ["label"] = new Dictionary<string, bool> { [$"{ContainerBuilder.RuntimeLabel}={_label}"] = true },
            },
        };
        var containers = await _engine.CallAsync(
            "list containers", (client, token) => client.Containers.ListContainersAsync(filter, token), cancellationToken).ConfigureAwait(false);
        var names = new SortedSet<string>(
            containers.Select(container => container.Labels.TryGetValue(ContainerBuilder.SandboxLabel, out var id) ? id : ""), StringComparer.Ordinal);
        if (Directory.Exists(_options.RuntimeRoot))
            names.UnionWith(Directory.GetDirectories(_options.RuntimeRoot).Select(path => Path.GetFileName(path)));
        return [.. names.Where(SandboxId.IsValid).Select(name => new SandboxId(name))];
    }

    /// <inheritdoc/>
    public async Task DestroyAsync(SandboxId id, CancellationToken cancellationToken)
    {
        using var _ = await _locks.TakeAsync(id, cancellationToken).ConfigureAwait(false);
        await Home(id).RemoveAsync(cancellationToken).ConfigureAwait(false);
        RuntimeLog.Destroyed(_logger, id);
    }

    /// <summary>Brings an image that the engine has, or can pull, into an image store.</summary>
    /// <param name="store">The store, whose limits hold.</param>
    /// <param name="name">The image's name, such as <c>node:22</c>.</param>
    /// <param name="progress">Receives each step.</param>
    /// <param name="cancellationToken">Ends the work; nothing half-made is left.</param>
    /// <exception cref="SandboxException">There is no such image and it cannot be pulled, or it cannot be used.</exception>
    public Task<SandboxImage> ImportImageAsync(
        ImageStore store, string name, IProgress<ImageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return EngineImages.ImportAsync(_engine, store, name, _options.ImageTimeout, progress, cancellationToken);
    }

    /// <summary>Finds an image of the engine that was brought into an image store before; nothing is pulled or copied.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The image's name, such as <c>node:22</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see langword="null"/> where the engine or the store does not have it. It does not count as asked for.</returns>
    /// <exception cref="SandboxException">The engine does not answer.</exception>
    public Task<SandboxImage?> FindImageAsync(ImageStore store, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return EngineImages.FindImportedAsync(_engine, store, name, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RuntimeReport> ProbeAsync(CancellationToken cancellationToken) =>
        new EngineProbe(_options, _engine).RunAsync(cancellationToken);

    /// <summary>Lets go of everything. Sandboxes go on.</summary>
    public ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        _engine.Dispose();
        _root.Dispose();
        return ValueTask.CompletedTask;
    }

    private DockerHome Home(SandboxId id) => new(_options, _engine, _label, id);

    private async Task<DockerSandbox> ConnectAsync(
        SandboxSpec spec, DockerHome home, SandboxLinks links, FoundContainer container, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var end = ContainerEnd.Watch(home, container.Id, container.Pid, _watcher);
        await links.ConnectAsync(end.Task, timeout, cancellationToken).ConfigureAwait(false);
        return new DockerSandbox(spec, home, links, end, _options, _locks, _logger);
    }

    private void WarnOfDangers(SandboxSpec spec, bool isGvisor)
    {
        if (!isGvisor)
            DockerLog.UnsafeRuntime(_logger, spec.Id, _options.Runtime);
        Directory.CreateDirectory(spec.Folder);
        if (!_options.CapsDisks)
            DockerLog.UncappedDisk(_logger, spec.Id, spec.Folder);
        var free = new DriveInfo(spec.Folder).AvailableFreeSpace;
        if (free < _options.Volumes.WarnFreeBytes)
            RuntimeLog.DiskLow(_logger, spec.Folder, free >> 20);
    }
}
