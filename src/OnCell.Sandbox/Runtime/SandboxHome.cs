using System.Globalization;
using System.Security.Cryptography;
using OnCell.Guest.Protocol;
using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Snapshots;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandboxes.Runtime;

/// <summary>All that one sandbox has on the host: made before it starts, found after a crash, removed when it ends.</summary>
internal sealed class SandboxHome : ISnapshotHome
{
    private readonly RunscOptions _options;
    private readonly string _runscRoot;
    private readonly string _cgroupParent;
    private RuntimeFolder _booted;

    internal SandboxHome(RunscOptions options, RunscCommand runsc, string cgroupParent, string name)
    {
        _options = options;
        _runscRoot = runsc.Root;
        _cgroupParent = cgroupParent;
        Folder = new RuntimeFolder(options.RuntimeRoot, name);
        _booted = Booted(Folder.ReadRecord()?.Pooled);
    }

    internal RuntimeFolder Folder { get; }

    /// <summary>Gets the control group of the sandbox's processes: the pooled sandbox's where this one runs in such a one.</summary>
    internal Cgroup Cgroup => Cgroup.At($"{_cgroupParent}/{_booted.Name}");

    /// <summary>Gets whether there is anything of the sandbox on the host but its volume image.</summary>
    internal bool HasTrace => Directory.Exists(Folder.Path) || Cgroup.Exists || StateFiles().Any();

    /// <summary>Gets whether it runs in a sandbox of the warm pool.</summary>
    internal bool IsPooled => _booted != Folder;

    /// <summary>Mounts the volume and the root, and writes the bundle. Every step is noted or visible before the next.</summary>
    /// <param name="spec">What the sandbox is made of.</param>
    /// <param name="waiting">The sandbox of the warm pool into which all is mounted instead; from here on that one's fate is this one's.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What the guest that waits is to be told; <see langword="null"/> where none does.</returns>
    internal async Task<MoveInMessage?> PrepareAsync(SandboxSpec spec, WaitingSandbox? waiting, CancellationToken cancellationToken)
    {
        Folder.Create(new RuntimeRecord(spec.Folder, waiting?.Name));
        _booted = Booted(waiting?.Name);
        var volume = Volume(spec.Folder);
        await volume.MountAsync(spec.Resources.StorageBytes, cancellationToken).ConfigureAwait(false);
        var paths = new SandboxPaths(
            Folder.RootFileSystem, volume.Work, volume.Temporary, volume.Guest, GuestBinary.Locate(_options.GuestPath), Folder.Sockets);
        if (waiting is not null)
        {
            var root = new WaitingRoot(_booted.RootFileSystem);
            CellRoot.Mount(spec.RootFileSystem, volume, root.Cell);
            var binds = root.Attach(SandboxPolicy.Binds(spec, paths));
            await File.WriteAllTextAsync(Folder.PidFile, waiting.ProcessId.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
            return new MoveInMessage(
                binds, SandboxPolicy.SharedMemoryBytes(spec.Resources), SandboxPolicy.CapabilityBits, SandboxPolicy.GuestCommand,
                OciSpecBuilder.EnvironmentLines(spec));
        }

        CellRoot.Mount(spec.RootFileSystem, volume, Folder.RootFileSystem);
        var devices = spec.Gpu is { } gpu ? HostGpus.Devices(HostGpus.Choose(gpu, HostGpus.Read())) : [];
        var config = OciSpecBuilder.Build(spec, paths, Cgroup.Path, devices);
        await File.WriteAllTextAsync(Folder.SpecFile, config.ToJsonString(), cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>Makes the root and the bundle of a sandbox that is to wait in the warm pool.</summary>
    internal async Task PrepareWaitingAsync(SandboxResources resources, CancellationToken cancellationToken)
    {
        Folder.Create(new RuntimeRecord(null, null));
        new WaitingRoot(Folder.RootFileSystem).Make(GuestBinary.Locate(_options.GuestPath));
        var config = OciSpecBuilder.BuildWaiting(resources, Folder.RootFileSystem, Cgroup.Path);
        await File.WriteAllTextAsync(Folder.SpecFile, config.ToJsonString(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the process of gVisor's kernel for this sandbox, or <see langword="null"/> when it does not run.</summary>
    internal int? FindProcess()
    {
        if (!File.Exists(Folder.PidFile) || !int.TryParse(File.ReadAllText(Folder.PidFile), out var pid))
            return null;
        return RunscProcesses.IsOf(pid, _runscRoot, _booted) ? pid : null; // the number may be another process's by now
    }

    /// <summary>Gets the processes without which the sandbox has no files.</summary>
    internal IReadOnlyList<int> FindGofers() => RunscProcesses.FindGofers(_runscRoot, _booted, Cgroup.Processes());

    /// <summary>Gets what the guest said last, of a sandbox of the warm pool that ended.</summary>
    internal string ReadLastWords() => _booted.ReadLastWords();

    /// <summary>Says what a checkpoint of the prepared sandbox fits.</summary>
    internal async Task<CheckpointNote> DescribeAsync(CancellationToken cancellationToken)
    {
        var config = await File.ReadAllBytesAsync(Folder.SpecFile, cancellationToken).ConfigureAwait(false);
        return new CheckpointNote(
            Identity(HostCommand.Find(_options.RunscPath) ?? _options.RunscPath), Convert.ToHexStringLower(SHA256.HashData(config)),
            Identity(GuestBinary.Locate(_options.GuestPath)));
    }

    /// <summary>Ends and removes everything but the volume image; safe to repeat, whatever is there.</summary>
    internal async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var record = Folder.ReadRecord();
        var volume = record?.Folder is { } folder ? Volume(folder) : null;
        volume?.Thaw(); // what waits to write to a frozen file system cannot be killed
        await Cgroup.KillAsync(cancellationToken).ConfigureAwait(false); // lets go of what is frozen, which would not end
        await RunscProcesses.KillAsync(_runscRoot, Folder, cancellationToken).ConfigureAwait(false);
        await RunscProcesses.KillAsync(_runscRoot, _booted, cancellationToken).ConfigureAwait(false);
        await Cgroup.KillAsync(cancellationToken).ConfigureAwait(false);
        await Cgroup.RemoveAsync(cancellationToken).ConfigureAwait(false);
        await Mounts.UnmountBelowAsync(Folder.Path).ConfigureAwait(false);
        if (IsPooled)
            await Mounts.UnmountBelowAsync(_booted.Path).ConfigureAwait(false);
        if (volume is not null)
            await volume.UnmountAsync(cancellationToken).ConfigureAwait(false);
        foreach (var file in StateFiles())
            File.Delete(file);
        _booted.Remove();
        Folder.Remove();
    }

    internal CellVolume Volume(string folder) => new(folder, _options.Volumes);

    CellVolume ISnapshotHome.Volume(string folder) => Volume(folder);

    Task<string?> ISnapshotHome.FindRunningAsync(CancellationToken cancellationToken) =>
        Task.FromResult(FindProcess() is int pid ? $"process {pid}" : null);

    Task ISnapshotHome.ClearAsync(CancellationToken cancellationToken) => HasTrace ? RemoveAsync(cancellationToken) : Task.CompletedTask;

    // Another release of a program has another size or time; to run it and ask would cost more than the rest of a wake.
    private static string Identity(string path) => new FileInfo(path) is { Exists: true } file
        ? string.Create(CultureInfo.InvariantCulture, $"{path} of {file.Length} bytes, {file.LastWriteTimeUtc:O}")
        : path;

    private RuntimeFolder Booted(string? pooled) => pooled is null ? Folder : new RuntimeFolder(_options.RuntimeRoot, pooled);

    private IEnumerable<string> StateFiles()
    {
        if (!Directory.Exists(_runscRoot))
            return [];
        string[] names = [Folder.Name, _booted.Name];
        return names.Distinct().SelectMany(name =>
            Directory.GetFiles(_runscRoot, $"{name}_sandbox:*").Concat(Directory.GetFiles(_runscRoot, $"runsc-{name}.sock")));
    }
}
