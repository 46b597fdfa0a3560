using System.Text.RegularExpressions;

namespace OnCell.Benchmarks.Index;

/// <summary>A corpus that is always there: this project's own source, asked by what its comments say.</summary>
/// <remarks>
/// A type's summary is the query, its file the answer, and all documentation comments are taken out of the copy that is indexed.
/// Nothing was ever tuned on these queries.
/// </remarks>
internal static partial class SummaryCorpus
{
    private const int MaxQueries = 200;
    private const int ShortestSummary = 25;

    /// <summary>Writes the copy.</summary>
    /// <param name="folder">Where to.</param>
    /// <exception cref="DirectoryNotFoundException">The benchmark was not started in the project's root.</exception>
    public static RetrievalRepository Make(string folder)
    {
        var source = Path.Combine(Environment.CurrentDirectory, "src");
        var queries = new List<RetrievalQuery>();
        foreach (var path in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var relative = Path.GetRelativePath(source, path);
            if (relative.Split('/').Any(part => part is "bin" or "obj")) continue;
            var text = File.ReadAllText(path);
            if (Summary().Match(text) is { Success: true } match && Clean(match.Groups[1].Value) is { Length: >= ShortestSummary } summary)
                queries.Add(new RetrievalQuery(summary, [relative], "summary"));
            var copy = Path.Combine(folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, Comment().Replace(text, ""));
        }

        var step = Math.Max(1, queries.Count / MaxQueries);
        return new RetrievalRepository("own_source", folder, "", [.. queries.Where((_, i) => i % step == 0).Take(MaxQueries)]);
    }

    /// <summary>Takes tags out; of a reference, the name stays.</summary>
    private static string Clean(string summary)
        => Blank().Replace(Tag().Replace(summary.Replace("///", " ", StringComparison.Ordinal), "$1 "), " ").Trim();

    [GeneratedRegex(@"^/// <summary>(.*?)</summary>\n(?:///.*\n|\[.*\n)*(?:public|internal)", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Summary();

    [GeneratedRegex(@"^[ \t]*///.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("""<(?:see \w+="([^"]*)"|[^>]*)>""")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
