using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>The doctor: looks at each thing that sandboxes need of the host, and names the fix of what is missing.</summary>
internal sealed class HostProbe(RunscOptions options, RunscCommand runsc)
{
    private const string SetUp = "Run eng/setup.sh as root.";

    internal async Task<RuntimeReport> RunAsync(CancellationToken cancellationToken)
    {
        var release = await RunscAsync(cancellationToken).ConfigureAwait(false);
        return new RuntimeReport(
        [
            Root(),
            release,
            await PlatformAsync(release.Ok, cancellationToken).ConfigureAwait(false),
            Guest(),
            Cgroups(),
            Present("loop devices", File.Exists("/dev/loop-control"), "/dev/loop-control", "Load the module: 'modprobe loop'. In a container, pass the device in."),
            Present("overlayfs", FileSystems().Contains("overlay"), "overlay in /proc/filesystems", "Load the module: 'modprobe overlay'."),
            Present("ext4", FileSystems().Contains("ext4"), "ext4 in /proc/filesystems", "Load the module: 'modprobe ext4'."),
            Tool("mkfs.ext4"),
            Tool("mmdebstrap"),
            Tool("apt-get"),
            Tool("flock"),
            Tool("setsid"),
            FreeSpace(),
        ]);
    }

    private static HostRequirement Root() => Present(
        "root", Libc.EffectiveUser() == 0, $"user {Libc.EffectiveUser()}", "Run the service as root: it mounts volumes and makes control groups.");

    private async Task<HostRequirement> RunscAsync(CancellationToken cancellationToken)
    {
        if (HostCommand.Find(options.RunscPath) is not { } path)
            return new HostRequirement("runsc", false, $"no program {options.RunscPath}", RunscVersion.Fix);
        try
        {
            var output = await runsc.VersionAsync(cancellationToken).ConfigureAwait(false);
            var release = RunscVersion.Parse(output);
            return Present("runsc", release >= RunscVersion.Minimum, $"{path}, release {release?.ToString() ?? "unknown"}", RunscVersion.Fix);
        }
        catch (SandboxException error)
        {
            return new HostRequirement("runsc", false, error.Message, RunscVersion.Fix);
        }
    }

    // Tried for real, with a time-out: /dev/kvm may be there and hang.
    private async Task<HostRequirement> PlatformAsync(bool runscOk, CancellationToken cancellationToken)
    {
        const string name = "gVisor platform";
        const string fix = "Set RunscOptions.Platform to systrap, and see that the kernel allows ptrace and seccomp.";
        if (!runscOk || Libc.EffectiveUser() != 0)
            return new HostRequirement(name, false, $"{options.Platform} was not tried", "First mend runsc and root.");
        var root = Path.Combine(options.RuntimeRoot, ".probe");
        try
        {
            var result = await HostCommand.RunAsync(
                options.RunscPath,
                [$"--root={root}", "--network=none", "--ignore-cgroups", $"--platform={options.Platform}", "do", "-quiet", "true"],
                options.CommandTimeout, cancellationToken).ConfigureAwait(false);
            return Present(name, result.ExitCode == 0, result.ExitCode == 0 ? $"{options.Platform} works" : $"{options.Platform}: {result.Reason}", fix);
        }
        catch (SandboxException error)
        {
            return new HostRequirement(name, false, $"{options.Platform}: {error.Message}", fix);
        }
    }

    private HostRequirement Guest()
    {
        try
        {
            return Present("guest program", true, SandboxHome.GuestProgram(options), "");
        }
        catch (SandboxException error)
        {
            return new HostRequirement("guest program", false, "missing", error.Message);
        }
    }

    private static HostRequirement Cgroups()
    {
        var kind = Cgroup.IsUnified ? "v2" : "v1";
        string[] wanted = ["cpu", "memory", "pids"];
        string[] found = Cgroup.IsUnified
            ? [.. File.ReadAllText("/sys/fs/cgroup/cgroup.controllers").Split(' ', StringSplitOptions.TrimEntries), "freezer"]
            : [.. Directory.Exists("/sys/fs/cgroup") ? Directory.GetDirectories("/sys/fs/cgroup").Select(d => Path.GetFileName(d)) : []];
        var missing = wanted.Append("freezer").Except(found).ToList();
        return Present(
            "control groups", missing.Count == 0, missing.Count == 0 ? $"{kind} with cpu, memory, pids and freezer" : $"{kind} without {string.Join(", ", missing)}",
            "Mount the controllers below /sys/fs/cgroup; in a container, mount it read-write.");
    }

    private HostRequirement FreeSpace()
    {
        var free = new DriveInfo("/").AvailableFreeSpace;
        return Present(
            "free space", free >= options.Volumes.MinimumFreeBytes, $"{free >> 20} MiB free on /",
            $"Free some: {options.Volumes.MinimumFreeBytes >> 20} MiB are kept in reserve (VolumeOptions.MinimumFreeBytes).");
    }

    private static HostRequirement Tool(string program)
    {
        var path = HostCommand.Find(program);
        return Present(program, path is not null, path ?? "not installed", SetUp);
    }

    private static string[] FileSystems() =>
        [.. File.ReadAllLines("/proc/filesystems").Select(line => line.Split('\t')[^1])];

    private static HostRequirement Present(string name, bool ok, string found, string fix) => new(name, ok, found, ok ? null : fix);
}
