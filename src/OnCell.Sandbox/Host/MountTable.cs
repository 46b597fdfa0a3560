using System.Text;

namespace OnCell.Sandboxes.Host;

/// <summary>One mount of this process's mount namespace.</summary>
internal sealed record MountEntry(string Target, string Type, string Source, string Options);

/// <summary>What <c>/proc/self/mountinfo</c> says.</summary>
internal static class MountTable
{
    /// <summary>Reads all mounts, oldest first.</summary>
    internal static IReadOnlyList<MountEntry> Read() => Parse(File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>Tells whether something is mounted exactly there.</summary>
    internal static bool IsMounted(string target) => Read().Any(m => m.Target == target);

    /// <summary>See <see href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">proc_pid_mountinfo(5)</see>.</summary>
    internal static IReadOnlyList<MountEntry> Parse(string text)
    {
        var mounts = new List<MountEntry>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ');
            var separator = fields.Length > 6 ? Array.IndexOf(fields, "-", 6) : -1;
            if (separator < 0 || fields.Length < separator + 4)
                continue;
            mounts.Add(new MountEntry(
                Unescape(fields[4]), fields[separator + 1], Unescape(fields[separator + 2]), Unescape(fields[separator + 3])));
        }

        return mounts;
    }

    // The kernel writes space, tab, newline and backslash as \ooo.
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
            return field;
        var text = new StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length)
            {
                text.Append((char)Convert.ToInt32(field.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
