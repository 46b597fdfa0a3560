using System.Globalization;

namespace OnCell.Benchmarks;

/// <summary>The memory that sandboxes and processes take.</summary>
internal static class MemoryUse
{
    /// <summary>Gets the memory of the sandboxes of this name, in MB: what their control groups have, pages of files apart.</summary>
    public static double OfSandboxes(string name) =>
        ((string[])["/sys/fs/cgroup/memory", "/sys/fs/cgroup"])
            .Where(Directory.Exists)
            .SelectMany(root => Directory.GetDirectories(root, "oncell-*"))
            .Select(parent => Path.Combine(parent, name, "memory.stat"))
            .Where(File.Exists)
            .Sum(file => Sum(File.ReadLines(file), ' ', "rss", "anon", "shmem") / 1e6);

    /// <summary>Gets the memory of a process, in MB, pages of files apart.</summary>
    public static double OfProcess(int processId) =>
        Sum(File.ReadLines($"/proc/{processId}/status"), ':', "RssAnon", "RssShmem") / 1e3;

    private static double Sum(IEnumerable<string> lines, char separator, params string[] names) =>
        lines.Select(line => line.Split(separator, 2))
            .Where(parts => names.Contains(parts[0]))
            .Sum(parts => double.Parse(parts[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));
}
