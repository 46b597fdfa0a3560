using System.Globalization;

namespace ReviewSample;

/// <summary>The change of one file, out of <c>git diff</c>.</summary>
/// <param name="Path">The new path.</param>
/// <param name="Text">Its part of the diff.</param>
/// <param name="Lines">The lines of the new file that were added or changed.</param>
public sealed record FileDiff(string Path, string Text, IReadOnlySet<int> Lines);

/// <summary>Reads what <c>git diff</c> writes. It is the pull request's author who decides what stands in it.</summary>
public static class Diff
{
    /// <summary>Splits a diff by files; removed and binary ones are left out.</summary>
    public static IReadOnlyList<FileDiff> Read(string diff)
    {
        var files = new List<FileDiff>();
        foreach (var part in diff.Split("diff --git ", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = part.Split('\n');
            var header = Array.FindIndex(lines, l => l.StartsWith("+++ b/", StringComparison.Ordinal));
            if (header >= 0)
                files.Add(new FileDiff(lines[header]["+++ b/".Length..].TrimEnd('\t'), "diff --git " + part, Added(lines[(header + 1)..])));
        }

        return files;
    }

    private static HashSet<int> Added(IEnumerable<string> lines)
    {
        var added = new HashSet<int>();
        var number = 0;
        foreach (var line in lines)
        {
            if (line.StartsWith("@@ ", StringComparison.Ordinal))
                number = Start(line);
            else if (line.StartsWith('+'))
                added.Add(number++);
            else if (line.StartsWith(' '))
                number++;
        }

        return added;
    }

    /// <summary>The first line of a hunk in the new file: <c>@@ -1,2 +3,4 @@</c>.</summary>
    private static int Start(string hunk)
    {
        var at = hunk.IndexOf('+', StringComparison.Ordinal) + 1;
        var end = hunk.IndexOfAny([',', ' '], at);
        return int.TryParse(hunk.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
