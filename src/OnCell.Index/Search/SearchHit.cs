namespace OnCell.Indexing;

/// <summary>One piece of code that answers a query.</summary>
/// <param name="Path">The file, relative to the indexed root, with <c>/</c> between folders.</param>
/// <param name="StartLine">The first line, counted from 1.</param>
/// <param name="EndLine">The last line, inclusive.</param>
/// <param name="Content">The lines as they were when the file was indexed.</param>
/// <param name="Score">
/// How well it answers, 0 to 1. Scores never rise down the list, and are calibrated: a query whose words the repository
/// hardly has gets low scores even for its best hit.
/// </param>
public sealed record SearchHit(string Path, int StartLine, int EndLine, string Content, double Score);
