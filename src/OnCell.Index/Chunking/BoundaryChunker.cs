namespace OnCell.Indexing.Chunking;

/// <summary>Packs lines into chunks of about the same size, cutting where the text itself has a seam.</summary>
internal sealed class BoundaryChunker : IChunker
{
    /// <summary>The wanted size, in characters that are not blank.</summary>
    public const int TargetSize = 1_500;

    private const int SmallestSize = 500;
    private const int LargestSize = 2_250;

    public static BoundaryChunker Instance { get; } = new();

    public List<Chunk> Cut(SourceLines lines, IReadOnlyCollection<int> definitionLines)
    {
        var definitions = definitionLines as HashSet<int> ?? [.. definitionLines];
        var chunks = new List<Chunk>();
        var first = 0;
        while (first < lines.Count)
        {
            if (lines[first].IsWhiteSpace())
            {
                first++;
                continue;
            }

            var end = FindCut(lines, definitions, first);
            var last = end - 1;
            while (lines[last].IsWhiteSpace()) last--;
            var start = lines.StartOf(first);
            chunks.Add(new Chunk(first, last, start, lines.StartOf(last + 1) - start));
            first = end;
        }

        return chunks;
    }

    /// <summary>Chooses the line before which the chunk that begins at <paramref name="first"/> ends.</summary>
    private static int FindCut(SourceLines lines, HashSet<int> definitions, int first)
    {
        var size = 0;
        var best = -1;
        var bestScore = double.MinValue;
        for (var line = first; line < lines.Count; line++)
        {
            if (size >= SmallestSize)
            {
                var score = Seam(lines, definitions, line) - 4.0 * Math.Abs(size - TargetSize) / TargetSize;
                if (score > bestScore) (best, bestScore) = (line, score);
            }

            size += VisibleSize(lines[line]);
            if (size > LargestSize) return best > first ? best : line + 1;
        }

        return lines.Count;
    }

    /// <summary>Rates a cut before <paramref name="line"/>.</summary>
    private static double Seam(SourceLines lines, HashSet<int> definitions, int line)
    {
        var text = lines[line];
        var trimmed = text.TrimStart();
        if (trimmed.IsEmpty) return -2;

        var score = 0.0;
        if (trimmed[0] is '}' or ')' or ']' || trimmed.StartsWith("end")) score -= 4;
        var indent = text.Length - trimmed.Length;
        score += indent == 0 ? 3 : indent <= 4 ? 1.5 : 0;
        if (line > 0 && lines[line - 1].IsWhiteSpace()) score += 3;
        if (definitions.Contains(line)) score += IsPreamble(lines[line - 1].TrimStart()) ? -2 : 2;
        return score;
    }

    /// <summary>Comments and attributes belong to the definition below them.</summary>
    private static bool IsPreamble(ReadOnlySpan<char> trimmed)
        => !trimmed.IsEmpty && (trimmed[0] is '/' or '*' or '#' or '@' or '[' || trimmed.StartsWith("--"));

    private static int VisibleSize(ReadOnlySpan<char> line)
    {
        var size = 0;
        foreach (var c in line)
        {
            if (!char.IsWhiteSpace(c)) size++;
        }

        return size;
    }
}
