using Docker.DotNet.Models;
using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Runtime;
using OnCell.Sandboxes.Snapshots;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandboxes.Docker;

/// <summary>What the engine knows of a container.</summary>
internal sealed record FoundContainer(string Id, int Pid, bool Running, bool Paused, bool OutOfMemory, string? Error)
{
    /// <summary>Gets whether its process lives: the engine hears of an end some time after the kernel, and says till then that it runs.</summary>
    internal bool Lives => Running && Pid > 0 && HostProcesses.Arguments(Pid).Contains(Id);
}

/// <summary>All that one sandbox has on the host and in the engine: made before it starts, found after a crash, removed when it ends.</summary>
internal sealed class DockerHome(DockerOptions options, DockerEngine engine, string label, SandboxId id) : ISnapshotHome
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(50);

    internal RuntimeFolder Folder { get; } = new(options.RuntimeRoot, id.Value);

    private string ContainerFile => Path.Combine(Folder.Path, "container");

    private string ContainerName => $"oncell-{label}-{id}";

    internal CellVolume Volume(string folder) => new(folder, options.Volumes);

    /// <summary>Asks the engine for the container; <see langword="null"/> where there is none.</summary>
    internal async Task<FoundContainer?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await engine.CallAsync(
                "look at a container", (client, token) => client.Containers.InspectContainerAsync(ContainerName, token), cancellationToken)
                .ConfigureAwait(false);
            var state = found.State ?? throw new SandboxException($"The Docker engine at {engine.Endpoint} gives no state of container {ContainerName}.");
            return new FoundContainer(found.ID, (int)state.Pid, state.Running, state.Paused, state.OOMKilled, state.Error);
        }
        catch (DockerEngineException error) when (error.NotFound)
        {
            return null;
        }
    }

    /// <summary>Makes the disk, the root and the container, and starts it.</summary>
    internal async Task CreateAsync(SandboxSpec spec, bool isGvisor, CancellationToken cancellationToken)
    {
        var volume = Volume(spec.Folder);
        var root = options.CapsDisks ? RootOnVolume() : RootByEngine(spec.RootFileSystem, volume);
        var entries = RootSkeleton.Read(options.CapsDisks ? Folder.RootFileSystem : spec.RootFileSystem);
        var image = await RootSkeleton.RequireAsync(engine, entries, cancellationToken).ConfigureAwait(false);
        var paths = new SandboxPaths(
            Folder.RootFileSystem, volume.Work, volume.Temporary, volume.Guest, GuestBinary.Locate(options.GuestPath), Folder.Sockets);
        var parameters = ContainerBuilder.Build(
            spec, paths, root, new ContainerIdentity(ContainerName, image, options.Runtime, isGvisor, label));
        var created = await engine.CallAsync(
            $"create the container of sandbox {id}", (client, token) => client.Containers.CreateContainerAsync(parameters, token), cancellationToken)
            .ConfigureAwait(false);
        await File.WriteAllTextAsync(ContainerFile, created.ID, cancellationToken).ConfigureAwait(false); // before it starts: an engine may forget it
        await engine.CallAsync(
            $"start sandbox {id}", options.StartTimeout,
            (client, token) => client.Containers.StartContainerAsync(created.ID, new ContainerStartParameters(), token), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Mounts the volume and the root. Every step is noted or visible before the next.</summary>
    internal async Task PrepareAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        Folder.Create(new RuntimeRecord(spec.Folder, null));
        var volume = Volume(spec.Folder);
        if (options.CapsDisks)
        {
            await volume.MountAsync(spec.Resources.StorageBytes, cancellationToken).ConfigureAwait(false);
            CellRoot.Mount(spec.RootFileSystem, volume, Folder.RootFileSystem);
        }
        else
        {
            volume.MakeFolders();
        }
    }

    /// <summary>Ends and removes everything but the volume's files; safe to repeat, whatever is there.</summary>
    internal async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var volume = options.CapsDisks && Folder.ReadRecord()?.Folder is { } folder ? Volume(folder) : null;
        volume?.Thaw(); // what waits to write to a frozen file system cannot be killed
        await RemoveContainerAsync(cancellationToken).ConfigureAwait(false);
        if (options.CapsDisks && File.Exists(ContainerFile) && await File.ReadAllTextAsync(ContainerFile, cancellationToken).ConfigureAwait(false) is { Length: > 12 } created)
            await ContainerProcesses.KillAsync(created, cancellationToken).ConfigureAwait(false);
        if (options.CapsDisks)
            await Mounts.UnmountAsync(Folder.RootFileSystem).ConfigureAwait(false);
        if (volume is not null)
            await volume.UnmountAsync(cancellationToken).ConfigureAwait(false);
        Folder.Remove();
    }

    CellVolume ISnapshotHome.Volume(string folder) => Volume(folder);

    async Task<string?> ISnapshotHome.FindRunningAsync(CancellationToken cancellationToken) =>
        await FindAsync(cancellationToken).ConfigureAwait(false) is { Lives: true } container ? $"container {container.Id[..12]}" : null;

    Task ISnapshotHome.ClearAsync(CancellationToken cancellationToken) => RemoveAsync(cancellationToken);

    /// <summary>Stops the sandbox's processors, or lets them run on.</summary>
    internal async Task SetFrozenAsync(bool frozen, CancellationToken cancellationToken)
    {
        var container = await FindAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new SandboxLostException($"Sandbox {id} has no container any more.");
        if (container.Paused == frozen)
            return;
        await engine.CallAsync(
            $"{(frozen ? "pause" : "unpause")} sandbox {id}",
            (client, token) => frozen
                ? client.Containers.PauseContainerAsync(container.Id, token)
                : client.Containers.UnpauseContainerAsync(container.Id, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the sandbox run on. An engine that was just started may refuse for a while.</summary>
    internal async Task ThawAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds; ;)
        {
            try
            {
                await SetFrozenAsync(false, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (DockerEngineException) when (Environment.TickCount64 < deadline)
            {
                await Task.Delay(RetryWait, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The engine answers with a conflict while it is at it already: for another caller, or for a call that timed out.
    private async Task RemoveContainerAsync(CancellationToken cancellationToken)
    {
        for (var deadline = Environment.TickCount64 + (long)options.CommandTimeout.TotalMilliseconds; ;)
        {
            if (await FindAsync(cancellationToken).ConfigureAwait(false) is not { } container)
                return;
            try
            {
                if (container.Paused) // a paused one is not killed
                    await SetFrozenAsync(false, cancellationToken).ConfigureAwait(false);
                KillProcess(container);
                await engine.CallAsync(
                    $"remove the container of sandbox {id}",
                    (client, token) => client.Containers.RemoveContainerAsync(
                        container.Id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, token),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (DockerEngineException error) when (error.NotFound || ((error.Conflict || container.Paused) && Environment.TickCount64 < deadline))
            {
                if (container.Paused)
                    KillProcess(container); // an engine that was killed as it let it go on takes it for paused until it ends
                await Task.Delay(RetryWait, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The engine asks gVisor's kernel to end its processes, which a cell full of them keeps from answering for a minute and
    // more; without that kernel there is nothing left to ask.
    private static void KillProcess(FoundContainer container)
    {
        if (container.Lives)
            _ = Libc.Kill(container.Pid, Libc.SigKill); // one that ended in between, or is another user's, is the engine's to remove
    }

    // Nobody runs in it now, so what is seen here is what is mounted: a folder that the cell had replaced by a link is a link
    // of the image, followed in the container alone.
    private IEnumerable<Mount> RootOnVolume() => RootSkeleton.Read(Folder.RootFileSystem)
        .Where(entry => entry.LinkTarget is null)
        .Select(entry => ContainerBuilder.Bind(new SandboxBind(entry.Path, "/" + entry.Name, Writable: true, Executable: true)));

    // The engine is root and mounts for the service that is not: an overlay for each folder, its upper layer on the plain folder.
    private static IEnumerable<Mount> RootByEngine(string image, CellVolume volume)
    {
        foreach (var entry in RootSkeleton.Read(image).Where(entry => entry.LinkTarget is null))
        {
            if (!entry.IsFolder)
            {
                yield return ContainerBuilder.Bind(new SandboxBind(entry.Path, "/" + entry.Name, Writable: false, Executable: true));
                continue;
            }

            var (upper, work) = (Path.Combine(volume.Upper, entry.Name), Path.Combine(volume.OverlayWork, entry.Name));
            Directory.CreateDirectory(upper);
            Directory.CreateDirectory(work);
            yield return new Mount
            {
                Type = "volume",
                Target = "/" + entry.Name,
                VolumeOptions = new global::Docker.DotNet.Models.VolumeOptions
                {
                    NoCopy = true,
                    DriverConfig = new Driver
                    {
                        Name = "local",
                        Options = new Dictionary<string, string>
                        {
                            ["type"] = "overlay",
                            ["device"] = "overlay",
                            ["o"] = "nosuid,nodev," + CellRoot.OverlayOptions(entry.Path, upper, work),
                        },
                    },
                },
            };
        }
    }
}
