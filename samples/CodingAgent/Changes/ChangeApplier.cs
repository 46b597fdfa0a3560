namespace CodingSample;

/// <summary>Works out what files look like after a set of edits. Writes nothing.</summary>
public static class ChangeApplier
{
    /// <summary>Applies edits in order to the text of files.</summary>
    /// <param name="edits">The edits.</param>
    /// <param name="files">The text of each file that exists, by path.</param>
    /// <param name="changed">The new text of each changed file; empty where an edit does not fit.</param>
    /// <returns>One line for each edit that does not fit.</returns>
    public static IReadOnlyList<string> Apply(
        IEnumerable<FileEdit> edits, IReadOnlyDictionary<string, string> files, out IReadOnlyDictionary<string, string> changed)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var misfits = new List<string>();
        foreach (var edit in edits)
        {
            var current = result.TryGetValue(edit.Path, out var edited) ? edited : files.GetValueOrDefault(edit.Path);
            if (Misfit(edit, current) is { } misfit)
                misfits.Add($"- {edit.Path}: {misfit}");
            else
                result[edit.Path] = edit.Content ?? current!.Replace(edit.Search!, edit.Replace, StringComparison.Ordinal);
        }

        if (misfits.Count > 0)
            result.Clear();
        changed = result;
        return misfits;
    }

    private static string? Misfit(FileEdit edit, string? current)
    {
        if (!IsInside(edit.Path))
            return "the path must be relative and stay in the repository, outside .git.";
        if (edit.Content is not null)
            return edit.Search is null ? null : "give either content or search and replace, not both.";
        if (string.IsNullOrEmpty(edit.Search) || edit.Replace is null)
            return "search and replace are both needed where there is no content.";
        if (current is null)
            return "there is no such file; give its whole content to create it.";
        return Count(current, edit.Search) switch
        {
            1 => null,
            0 => $"the search text does not occur: {Head(edit.Search)}",
            var n => $"the search text occurs {n} times and must be unique; take more lines: {Head(edit.Search)}",
        };
    }

    /// <summary>Tells whether a path is relative and stays in the repository, outside <c>.git</c>.</summary>
    public static bool IsInside(string path) =>
        path.Length > 0 && path[0] != '/' && !path.Split('/').Any(part => part is "" or "." or ".." or ".git");

    private static int Count(string text, string part)
    {
        var count = 0;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
            count++;
        return count;
    }

    private static string Head(string text) => text.Length <= 120 ? $"\"{text}\"" : $"\"{text[..120]}…\"";
}
