using System.Globalization;

namespace OnCell.AspNetCore.Git;

/// <summary>Reads <c>git status --porcelain=v2 --branch -z</c>. The cell wrote it, so nothing in it is trusted to be well formed.</summary>
internal static class GitStatusParser
{
    private const int MaxFiles = 2000;

    public static GitStatus Parse(string text)
    {
        var status = new GitStatus();
        var files = new List<GitFile>();
        var entries = text.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < entries.Length && files.Count < MaxFiles; i++)
        {
            var entry = entries[i];
            if (entry.StartsWith("# branch.", StringComparison.Ordinal)) status = Header(status, entry["# branch.".Length..]);
            else if (File(entry, i + 1 < entries.Length ? entries[i + 1] : "", out var old) is { } file)
            {
                files.Add(file);
                if (old) i++;
            }
        }

        return status with { Files = files, Truncated = files.Count == MaxFiles };
    }

    private static GitStatus Header(GitStatus status, string header) => header.Split(' ', 3) switch
    {
        ["head", var name] => status with { Branch = name },
        ["upstream", var name] => status with { Upstream = name },
        ["ab", var ahead, var behind] => status with { Ahead = Number(ahead, '+'), Behind = Number(behind, '-') },
        _ => status,
    };

    private static int Number(string text, char sign) =>
        int.TryParse(text.TrimStart(sign), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary>One file; a moved one is followed by its old path as an entry of its own.</summary>
    private static GitFile? File(string entry, string next, out bool old)
    {
        old = entry.StartsWith("2 ", StringComparison.Ordinal);
        return entry.Split(' ', 2)[0] switch
        {
            "1" when entry.Split(' ', 9) is [_, var xy, _, _, _, _, _, _, var path] => new GitFile(State(xy), path, null),
            "2" when entry.Split(' ', 10) is [_, var xy, _, _, _, _, _, _, _, var path] => new GitFile(State(xy), path, next),
            "u" when entry.Split(' ', 11) is [.., var path] => new GitFile("U", path, null),
            "?" => new GitFile("?", entry[2..], null),
            _ => null,
        };
    }

    /// <summary>What is staged and what is not, as one letter: what is staged says more.</summary>
    private static string State(string xy) => xy is [var index, var tree] ? (index == '.' ? tree : index).ToString() : "M";
}
