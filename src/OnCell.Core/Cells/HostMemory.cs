using System.Globalization;

namespace OnCell.Cells;

/// <summary>How much memory the host has left.</summary>
internal static class HostMemory
{
    /// <summary>Gets the megabytes that can be had without swapping.</summary>
    public static long AvailableMegabytes() => Parse(File.ReadLines("/proc/meminfo"));

    /// <summary>See <see href="https://man7.org/linux/man-pages/man5/proc_meminfo.5.html">proc_meminfo(5)</see>.</summary>
    public static long Parse(IEnumerable<string> meminfo)
    {
        const string name = "MemAvailable:";
        var line = meminfo.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is null
            ? long.MaxValue // a kernel that does not tell is not taken for one that is short
            : long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) >> 10;
    }
}
