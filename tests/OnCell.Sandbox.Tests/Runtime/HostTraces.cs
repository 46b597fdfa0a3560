using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>What a runtime left on this host: processes, mounts, loop devices, control groups, files.</summary>
internal static class HostTraces
{
    /// <summary>Lists everything that names one of the folders; empty when nothing is left.</summary>
    internal static IReadOnlyList<string> Of(string runtimeRoot, string dataRoot)
    {
        var traces = new List<string>();
        traces.AddRange(MountTable.Read().Where(m => Names(m.Target) || Names(m.Options)).Select(m => $"mount {m.Target}"));
        foreach (var device in Directory.GetDirectories("/sys/block", "loop*"))
        {
            if (TryRead(device + "/loop/backing_file") is { } file && Names(file))
                traces.Add($"{Path.GetFileName(device)} over {file.Trim()}");
        }

        foreach (var process in Directory.GetDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            if (TryRead(process + "/cmdline") is { } line && line.Contains("--root=" + runtimeRoot, StringComparison.Ordinal))
                traces.Add($"process {Path.GetFileName(process)} {line.Replace('\0', ' ')}");
        }

        traces.AddRange(CgroupNames(runtimeRoot).Select(name => $"control group {name}"));
        if (Directory.Exists(runtimeRoot))
            traces.AddRange(Directory.GetDirectories(runtimeRoot).Where(d => Path.GetFileName(d) is not ".runsc").Select(d => $"folder {d}"));
        if (Directory.Exists(runtimeRoot + "/.runsc"))
            traces.AddRange(Directory.GetFiles(runtimeRoot + "/.runsc").Select(f => $"file {f}"));
        return traces;

        bool Names(string text) =>
            text.Contains(runtimeRoot, StringComparison.Ordinal) || text.Contains(dataRoot, StringComparison.Ordinal);
    }

    private static IEnumerable<string> CgroupNames(string runtimeRoot) =>
        Cgroup.Children(OnCell.Sandboxes.RunscRuntime.CgroupParent(runtimeRoot));

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null; // it went away while being looked at
        }
    }
}
