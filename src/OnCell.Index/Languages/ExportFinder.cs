using OnCell.Indexing.Chunking;

namespace OnCell.Indexing.Languages;

/// <summary>Recognises names that a file hands on: <c>pub use a::{B, C};</c>, <c>export { B, C } from "a"</c>.</summary>
internal static class ExportFinder
{
    private const int MaxLines = 40;

    /// <summary>Finds the names handed on by the statement that begins on <paramref name="line"/>.</summary>
    /// <param name="lines">The text.</param>
    /// <param name="line">Where to look.</param>
    /// <param name="names">The names, separated by blanks.</param>
    /// <param name="last">The statement's last line.</param>
    public static bool TryFind(SourceLines lines, int line, out string names, out int last)
    {
        names = "";
        last = line;
        var first = lines[line].TrimStart();
        if (!first.StartsWith("pub use ") && !first.StartsWith("export {") && !first.StartsWith("export type {")) return false;

        var end = Math.Min(lines.Count, line + MaxLines);
        while (last + 1 < end && !lines[last].Contains(';') && !lines[last].Contains('}')) last++;
        var text = lines.Text.AsSpan(lines.StartOf(line), lines.StartOf(last + 1) - lines.StartOf(line));
        var open = text.IndexOf('{');
        names = (open >= 0 ? text[(open + 1)..] : text[(text.LastIndexOf(':') + 1)..]).ToString();
        var close = names.IndexOf('}', StringComparison.Ordinal);
        if (close >= 0) names = names[..close];
        return names.Length > 1;
    }
}
