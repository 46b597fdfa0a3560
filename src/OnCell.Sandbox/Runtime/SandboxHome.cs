using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandboxes.Runtime;

/// <summary>All that one sandbox has on the host: made before it starts, found after a crash, removed when it ends.</summary>
internal sealed class SandboxHome
{
    // The upper layer was written by the sandbox: nothing in it may point elsewhere in the image.
    private const string OverlayOptions = "index=off,metacopy=off,redirect_dir=off,xino=off";

    private readonly RunscOptions _options;
    private readonly string _runscRoot;

    internal SandboxHome(RunscOptions options, RunscCommand runsc, string cgroupParent, SandboxId id)
    {
        _options = options;
        _runscRoot = runsc.Root;
        Folder = new RuntimeFolder(options.RuntimeRoot, id);
        Cgroup = Cgroup.At($"{cgroupParent}/{id}");
    }

    internal RuntimeFolder Folder { get; }

    internal Cgroup Cgroup { get; }

    /// <summary>Gets whether there is anything of the sandbox on the host but its volume image.</summary>
    internal bool HasTrace => Directory.Exists(Folder.Path) || Cgroup.Exists || StateFiles().Any(File.Exists);

    /// <summary>Mounts the volume and the root, and writes the bundle. Every step is noted or visible before the next.</summary>
    internal async Task PrepareAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        Folder.Create(new RuntimeRecord(spec.Folder));
        var volume = Volume(spec.Folder);
        await volume.MountAsync(spec.Resources.StorageBytes, cancellationToken).ConfigureAwait(false);
        Mounts.Mount(
            "overlay", Folder.RootFileSystem, "overlay",
            $"lowerdir={spec.RootFileSystem},upperdir={volume.Upper},workdir={volume.OverlayWork},{OverlayOptions}");
        var paths = new SandboxPaths(
            Folder.RootFileSystem, volume.Work, volume.Temporary, volume.Guest, GuestProgram(_options), Folder.Sockets);
        var config = OciSpecBuilder.Build(spec, paths, Cgroup.Path);
        await File.WriteAllTextAsync(Folder.SpecFile, config.ToJsonString(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the process of the sandbox, or <see langword="null"/> when it does not run.</summary>
    internal int? FindProcess()
    {
        if (!File.Exists(Folder.PidFile) || !int.TryParse(File.ReadAllText(Folder.PidFile), out var pid))
            return null;
        return RunscProcesses.IsOf(pid, _runscRoot, Folder) ? pid : null; // the number may be another process's by now
    }

    /// <summary>Ends and removes everything but the volume image; safe to repeat, whatever is there.</summary>
    internal async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var record = Folder.ReadRecord();
        await RunscProcesses.KillAsync(_runscRoot, Folder, cancellationToken).ConfigureAwait(false);
        await Cgroup.KillAsync(cancellationToken).ConfigureAwait(false);
        await Cgroup.RemoveAsync(cancellationToken).ConfigureAwait(false);
        await Mounts.UnmountAsync(Folder.RootFileSystem).ConfigureAwait(false);
        if (record is not null)
            await Volume(record.Folder).UnmountAsync(cancellationToken).ConfigureAwait(false);
        foreach (var file in StateFiles())
            File.Delete(file);
        Folder.Remove();
    }

    /// <summary>Gets the path of the guest program.</summary>
    /// <exception cref="SandboxException">It is not there.</exception>
    internal static string GuestProgram(RunscOptions options) => options.GuestPath switch
    {
        null => GuestBinary.Locate(),
        var path when File.Exists(path) => path,
        var path => throw new SandboxException($"There is no guest program {path}: set RunscOptions.GuestPath to oncell-guest, or leave it out."),
    };

    internal CellVolume Volume(string folder) => new(folder, _options.Volumes);

    private string[] StateFiles()
    {
        var id = Folder.Id.Value;
        return !Directory.Exists(_runscRoot)
            ? []
            : [.. new[] { $"{id}_sandbox:{id}.state", $"{id}_sandbox:{id}.lock", $"runsc-{id}.sock" }.Select(f => Path.Combine(_runscRoot, f))];
    }
}
