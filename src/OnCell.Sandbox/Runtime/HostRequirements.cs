using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>Requirements that both runtimes have.</summary>
internal static class HostRequirements
{
    private const string SetUp = "Run eng/setup.sh as root.";

    internal static HostRequirement Present(string name, bool ok, string found, string fix) => new(name, ok, found, ok ? null : fix);

    internal static HostRequirement Tool(string program)
    {
        var path = HostCommand.Find(program);
        return Present(program, path is not null, path ?? "not installed", SetUp);
    }

    internal static HostRequirement Guest(string? path)
    {
        try
        {
            return Present("guest program", true, GuestBinary.Locate(path), "");
        }
        catch (SandboxException error)
        {
            return new HostRequirement("guest program", false, "missing", error.Message);
        }
    }

    /// <summary>What volumes need.</summary>
    internal static IEnumerable<HostRequirement> Volumes() =>
    [
        Present("loop devices", File.Exists("/dev/loop-control"), "/dev/loop-control", "Load the module: 'modprobe loop'. In a container, pass the device in."),
        Present("overlayfs", FileSystems().Contains("overlay"), "overlay in /proc/filesystems", "Load the module: 'modprobe overlay'."),
        Present("ext4", FileSystems().Contains("ext4"), "ext4 in /proc/filesystems", "Load the module: 'modprobe ext4'."),
        Tool("mkfs.ext4"),
    ];

    internal static HostRequirement FreeSpace(VolumeOptions volumes)
    {
        var free = new DriveInfo("/").AvailableFreeSpace;
        return Present(
            "free space", free >= volumes.MinimumFreeBytes, $"{free >> 20} MiB free on /",
            $"Free some: {volumes.MinimumFreeBytes >> 20} MiB are kept in reserve (VolumeOptions.MinimumFreeBytes).");
    }

    private static string[] FileSystems() =>
        [.. File.ReadAllLines("/proc/filesystems").Select(line => line.Split('\t')[^1])];
}
