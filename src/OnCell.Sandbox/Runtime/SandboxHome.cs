using System.Globalization;
using System.Security.Cryptography;
using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandboxes.Runtime;

/// <summary>All that one sandbox has on the host: made before it starts, found after a crash, removed when it ends.</summary>
internal sealed class SandboxHome
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
    /// <param name="pooled">The sandbox of the warm pool that it joins; from here on that one's fate is this one's.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task PrepareAsync(SandboxSpec spec, string? pooled, CancellationToken cancellationToken)
    {
        Folder.Create(new RuntimeRecord(spec.Folder, pooled));
        _booted = Booted(pooled);
        var volume = Volume(spec.Folder);
        await volume.MountAsync(spec.Resources.StorageBytes, cancellationToken).ConfigureAwait(false);
        CellRoot.Mount(spec.RootFileSystem, volume, Folder.RootFileSystem);
        var devices = spec.Gpu is { } gpu ? HostGpus.Devices(HostGpus.Choose(gpu, HostGpus.Read())) : [];
        var paths = new SandboxPaths(
            Folder.RootFileSystem, volume.Work, volume.Temporary, volume.Guest, GuestBinary.Locate(_options.GuestPath), Folder.Sockets);
        var config = OciSpecBuilder.Build(spec, paths, Cgroup.Path, pooled, devices);
        await File.WriteAllTextAsync(Folder.SpecFile, config.ToJsonString(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the bundle of a sandbox that is to wait in the warm pool.</summary>
    internal async Task PreparePausedAsync(SandboxResources resources, string rootFileSystem, CancellationToken cancellationToken)
    {
        Folder.Create(new RuntimeRecord(null, null));
        var config = OciSpecBuilder.BuildPaused(resources, rootFileSystem, Cgroup.Path);
        await File.WriteAllTextAsync(Folder.SpecFile, config.ToJsonString(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the process of gVisor's kernel for this sandbox, or <see langword="null"/> when it does not run.</summary>
    internal int? FindProcess()
    {
        if (!File.Exists(Folder.PidFile) || !int.TryParse(File.ReadAllText(Folder.PidFile), out var pid))
            return null;
        if (!RunscProcesses.IsOf(pid, _runscRoot, _booted))
            return null; // the number is another process's by now
        return !IsPooled || FindGofers().Count > 0 ? pid : null; // a pooled sandbox outlives the cell in it
    }

    /// <summary>Gets the processes that end when the sandbox's first process does: in a pooled sandbox only its own gofer.</summary>
    internal IReadOnlyList<int> FindGofers() => RunscProcesses.FindGofers(_runscRoot, Folder, Cgroup.Processes());

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
        await Mounts.UnmountAsync(Folder.RootFileSystem).ConfigureAwait(false);
        if (volume is not null)
            await volume.UnmountAsync(cancellationToken).ConfigureAwait(false);
        foreach (var file in StateFiles())
            File.Delete(file);
        _booted.Remove();
        Folder.Remove();
    }

    internal CellVolume Volume(string folder) => new(folder, _options.Volumes);

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
