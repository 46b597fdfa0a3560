using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>The doctor: looks at each thing that sandboxes need of the host, and names the fix of what is missing.</summary>
internal sealed class HostProbe(RunscOptions options, RunscCommand runsc)
{
    internal async Task<RuntimeReport> RunAsync(CancellationToken cancellationToken)
    {
        var release = await RunscAsync(cancellationToken).ConfigureAwait(false);
        return new RuntimeReport(
        [
            Root(),
            Kernel(),
            release,
            await PlatformAsync(release.Ok, cancellationToken).ConfigureAwait(false),
            Kvm(),
            Gpu(),
            HostRequirements.Guest(options.GuestPath),
            Cgroups(),
            .. HostRequirements.Volumes(),
            HostRequirements.Tool("cp"),
            HostRequirements.Tool("mmdebstrap"),
            HostRequirements.Tool("apt-get"),
            HostRequirements.Tool("flock"),
            HostRequirements.Tool("setsid"),
            HostRequirements.FreeSpace(options.Volumes),
        ]);
    }

    private static HostRequirement Root() => HostRequirements.Present(
        "root", Libc.EffectiveUser() == 0, $"user {Libc.EffectiveUser()}", "Run the service as root: it mounts volumes and makes control groups.");

    private async Task<HostRequirement> RunscAsync(CancellationToken cancellationToken)
    {
        if (HostCommand.Find(options.RunscPath) is not { } path)
            return new HostRequirement("runsc", false, $"no program {options.RunscPath}", RunscVersion.Fix);
        try
        {
            var output = await runsc.VersionAsync(cancellationToken).ConfigureAwait(false);
            var release = RunscVersion.Parse(output);
            return HostRequirements.Present("runsc", release >= RunscVersion.Minimum, $"{path}, release {release?.ToString() ?? "unknown"}", RunscVersion.Fix);
        }
        catch (SandboxException error)
        {
            return new HostRequirement("runsc", false, error.Message, RunscVersion.Fix);
        }
    }

    private static HostRequirement Kernel()
    {
        var version = Environment.OSVersion.Version;
        return HostRequirements.Present("kernel", version >= new Version(5, 8), $"Linux {version}", "Use a kernel of 5.8 or newer: loop devices are attached by LOOP_CONFIGURE.");
    }

    // Tried for real, with a time-out: /dev/kvm may be there and hang.
    private async Task<HostRequirement> PlatformAsync(bool runscOk, CancellationToken cancellationToken)
    {
        const string name = "gVisor platform";
        if (!runscOk || Libc.EffectiveUser() != 0)
            return new HostRequirement(name, false, $"{options.Platform} was not tried", "First mend runsc and root.");
        const string fix = "Set RunscOptions.Platform to systrap, and see that the kernel allows ptrace and seccomp.";
        var root = Path.Combine(options.RuntimeRoot, ".probe");
        try
        {
            var result = await HostCommand.RunAsync(
                options.RunscPath,
                [$"--root={root}", "--network=none", "--ignore-cgroups", $"--platform={options.Platform}", "do", "-quiet", "true"],
                options.CommandTimeout, cancellationToken).ConfigureAwait(false);
            return HostRequirements.Present(name, result.ExitCode == 0, result.ExitCode == 0 ? $"{options.Platform} works" : $"{options.Platform}: {result.Reason}", fix);
        }
        catch (SandboxException error)
        {
            return new HostRequirement(name, false, $"{options.Platform}: {error.Message}", fix);
        }
    }

    // Never required, and not tried unless it is the platform that is wanted: where it hangs, so would every probe.
    private HostRequirement Kvm() => new(
        "KVM (optional)", true,
        !File.Exists("/dev/kvm") ? "no /dev/kvm; systrap needs none"
            : options.Platform == "kvm" ? "/dev/kvm is there, and tried as the platform"
            : "/dev/kvm is there; RunscOptions.Platform = \"kvm\" has it tried", null);

    private static HostRequirement Gpu() => HostGpus.Read() is { Count: > 0 } gpus
        ? new HostRequirement("GPU (optional)", true, string.Join(", ", gpus.Select(gpu => gpu.Model)), null)
        : new HostRequirement("GPU (optional)", true, "none: sandboxes that ask for one are refused", null);

    private static HostRequirement Cgroups()
    {
        var tree = CgroupTree.Host;
        var kind = tree.IsUnified ? "v2" : Directory.Exists(tree.Root + "/unified") ? "v1 beside v2" : "v1";
        string[] wanted = ["cpu", "memory", "pids", "freezer"];
        var missing = wanted.Except(tree.Controllers()).ToList();
        return HostRequirements.Present(
            "control groups", missing.Count == 0, missing.Count == 0 ? $"{kind} with cpu, memory, pids and freezer" : $"{kind} without {string.Join(", ", missing)}",
            "Mount the controllers below /sys/fs/cgroup; in a container, mount it read-write.");
    }
}
