using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OnCell.Demo.Checks;

/// <summary>What cells leave on the host: processes, mounts, loop devices, sockets, cgroups.</summary>
/// <param name="dataRoot">The service's data root.</param>
public sealed class HostTraces(string dataRoot)
{
    private static readonly string Unified =
        File.Exists("/sys/fs/cgroup/cgroup.controllers") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";

    /// <summary>Where OnCell keeps the sockets and mount points of the cells of this data root.</summary>
    private readonly string _runtimeRoot =
        "/run/oncell/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataRoot)).AsSpan(0, 8));

    private readonly HashSet<string> _cgroups = new(StringComparer.Ordinal);

    /// <summary>Notes the control groups that running cells are in, to look for them when the cells are gone.</summary>
    public void Observe() =>
        _cgroups.UnionWith(SandboxProcesses()
            .SelectMany(pid => CgroupsOf(pid.ToString(CultureInfo.InvariantCulture)))
            .Except(CgroupsOf("self"), StringComparer.Ordinal));

    /// <summary>Lists every trace of a cell, one line each.</summary>
    public IReadOnlyList<string> Find() =>
        [.. SandboxProcesses().Select(pid => $"process {pid}: {CommandLine(pid)}"), .. Mounts(), .. LoopDevices(), .. Sockets(), .. Cgroups()];

    /// <summary>Lists the processes of runsc that serve cells under this runtime root, of all or of one.</summary>
    public IReadOnlyList<int> SandboxProcesses(string? cell = null) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsSandbox(CommandLine(pid).Split(' '), cell))];

    private bool IsSandbox(string[] arguments, string? cell) =>
        arguments[0].Contains("runsc", StringComparison.Ordinal)
        && arguments.Any(argument => argument.Contains(_runtimeRoot + "/", StringComparison.Ordinal))
        && (cell is null || arguments.Any(argument => argument == cell || argument.Contains($"/{cell}/", StringComparison.Ordinal)));

    private IEnumerable<string> Mounts() =>
        from line in File.ReadLines("/proc/self/mountinfo")
        let target = line.Split(' ')[4]
        where IsOurs(target)
        select $"mount {target}";

    private IEnumerable<string> LoopDevices() =>
        from device in Directory.EnumerateDirectories("/sys/block", "loop*")
        let backing = Path.Combine(device, "loop", "backing_file")
        where File.Exists(backing)
        let file = ReadOrEmpty(backing).Trim()
        where IsOurs(file)
        select $"loop device {Path.GetFileName(device)}: {file}";

    private IEnumerable<string> Sockets() =>
        from line in File.ReadLines("/proc/net/unix")
        let path = line.Split(' ')[^1]
        where IsOurs(path)
        select $"socket {path}";

    private IEnumerable<string> Cgroups() =>
        _cgroups.Where(Directory.Exists).Select(folder => $"cgroup {folder}");

    /// <summary>Gets a process's control groups, but for the ones it shares with this process.</summary>
    private static IEnumerable<string> CgroupsOf(string process) =>
        from line in ReadOrEmpty($"/proc/{process}/cgroup").Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let parts = line.Split(':', 3)
        let hierarchy = parts[1].Length == 0 ? Unified : Path.Combine("/sys/fs/cgroup", parts[1].Replace("name=", "", StringComparison.Ordinal))
        select hierarchy + parts[2];

    private bool IsOurs(string path) =>
        path.StartsWith(_runtimeRoot + "/", StringComparison.Ordinal) || path.StartsWith(Path.Combine(dataRoot, "cells") + "/", StringComparison.Ordinal);

    private static string CommandLine(int pid) => ReadOrEmpty($"/proc/{pid}/cmdline").Replace('\0', ' ').TrimEnd();

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // the process or device went away between listing and reading
        }
    }
}
