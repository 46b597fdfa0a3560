using Docker.DotNet.Models;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandboxes.Docker;

/// <summary>Builds the engine's configuration of a sandbox out of <see cref="SandboxPolicy"/>; pure.</summary>
internal static class ContainerBuilder
{
    /// <summary>The label with the id of the sandbox.</summary>
    internal const string SandboxLabel = "oncell.sandbox";

    /// <summary>The label that tells the runtimes of a host apart.</summary>
    internal const string RuntimeLabel = "oncell.runtime";

    private static IList<Ulimit> Limits =>
    [
        new() { Name = "nofile", Soft = SandboxPolicy.OpenFiles, Hard = SandboxPolicy.OpenFiles },
        new() { Name = "core", Soft = 0, Hard = 0 },
    ];

    // In place of the engine's own mount of control groups, which a sandbox made by runsc does not have either.
    private static Mount NoControlGroups =>
        new() { Type = "tmpfs", Target = "/sys/fs/cgroup", ReadOnly = true, TmpfsOptions = new TmpfsOptions { SizeBytes = 4096 } };

    /// <param name="spec">What the sandbox is made of.</param>
    /// <param name="paths">The host paths it is made over; the root's are in <paramref name="root"/>.</param>
    /// <param name="root">The mounts that make its root.</param>
    /// <param name="container">The name, runtime, label and image of the container.</param>
    internal static CreateContainerParameters Build(
        SandboxSpec spec, SandboxPaths paths, IEnumerable<Mount> root, ContainerIdentity container) => new()
        {
            Name = container.Name,
            Image = container.Image,
            Hostname = SandboxPolicy.HostName,
            Entrypoint = [SandboxPolicy.GuestProgram],
            Cmd = ["init"],
            WorkingDir = "/",
            User = "0:0",
            Env = [.. OciSpecBuilder.EnvironmentLines(spec)],
            Labels = new Dictionary<string, string> { [RuntimeLabel] = container.RuntimeLabel, [SandboxLabel] = spec.Id.Value },
            NetworkDisabled = true,
            HostConfig = new HostConfig
            {
                Runtime = container.Runtime,
                NetworkMode = "none",
                DNS = ["127.0.0.1"], // the engine would write the host's own resolvers into the cell
                DNSSearch = ["."],
                IpcMode = "private",
                Privileged = false,
                CapDrop = ["ALL"],
                CapAdd = [.. SandboxPolicy.Capabilities],
                SecurityOpt = ["no-new-privileges"],
                ReadonlyRootfs = true,
                MaskedPaths = [.. SandboxPolicy.MaskedPaths],
                ReadonlyPaths = [.. SandboxPolicy.ReadonlyPaths],
                CPUPeriod = SandboxPolicy.CpuPeriodMicroseconds,
                CPUQuota = SandboxPolicy.CpuQuota(spec.Resources),
                Memory = spec.Resources.MemoryBytes,
                MemorySwap = spec.Resources.MemoryBytes, // both together: no swap
                PidsLimit = spec.Resources.Pids,
                ShmSize = SandboxPolicy.SharedMemoryBytes(spec.Resources),
                Ulimits = container.IsGvisor ? Limits : [], // runc can give no more than the engine has itself
                LogConfig = new LogConfig { Type = "none" }, // a log of the engine's would have no cap
                RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
                Init = false,
                Mounts = [.. root, .. SandboxPolicy.Binds(spec, paths).Select(Bind), NoControlGroups],
            },
        };

    internal static Mount Bind(SandboxBind bind) => new()
    {
        Type = "bind",
        Source = bind.Source,
        Target = bind.Target,
        ReadOnly = !bind.Writable,
        BindOptions = new BindOptions { Propagation = "rprivate" },
    };
}

/// <summary>Who a container is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">Its image.</param>
/// <param name="Runtime">The engine's name of its runtime.</param>
/// <param name="IsGvisor">Whether that is gVisor.</param>
/// <param name="RuntimeLabel">The label of the <see cref="DockerRuntime"/> it belongs to.</param>
internal sealed record ContainerIdentity(string Name, string Image, string Runtime, bool IsGvisor, string RuntimeLabel);
