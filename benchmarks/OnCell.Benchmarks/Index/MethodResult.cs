using System.Diagnostics;

namespace OnCell.Benchmarks.Index;

/// <summary>What one way to search reached over all repositories, and what it cost.</summary>
internal sealed class MethodResult(string name)
{
    private readonly List<double> _repositories = [];
    private readonly List<double> _queries = [];
    private readonly List<double> _milliseconds = [];
    private readonly List<string> _categories = [];

    public string Name => name;

    /// <summary>Gets the NDCG@10 of each query so far.</summary>
    public IReadOnlyList<double> Queries => _queries;

    /// <summary>Gets the mean over repositories, each counting the same.</summary>
    public double Mean => _repositories.Average();

    public double IndexSeconds { get; set; }

    public long IndexedLines { get; set; }

    public long DatabaseBytes { get; set; }

    /// <summary>Asks a repository's queries.</summary>
    public async Task MeasureAsync(RetrievalRepository repository, Func<string, Task<List<string>>> search)
    {
        var first = _queries.Count;
        foreach (var query in repository.Queries)
        {
            var started = Stopwatch.GetTimestamp();
            var paths = await search(query.Text);
            _milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            _categories.Add(query.Category);
            _queries.Add(Ndcg.Of(paths.Select(p => repository.Prefix + p), query.Targets));
        }

        _repositories.Add(_queries.Skip(first).Average());
    }

    /// <summary>Returns the mean of each kind of query.</summary>
    public IEnumerable<(string Category, double Mean)> ByCategory()
        => _categories.Zip(_queries).GroupBy(q => q.First).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Average(q => q.Second)));

    public void Report(BenchmarkReport report, string note)
    {
        if (_repositories.Count == 0) return;
        report.Add($"ndcg10_{name}", Mean, "ratio", note);
        var times = _milliseconds.Order().ToArray();
        report.Add($"corpus_query_p50_ms_{name}", times[times.Length / 2], "ms", $"{times.Length} queries, one after another");
        report.Add($"corpus_query_p95_ms_{name}", times[times.Length * 95 / 100], "ms");
        if (IndexedLines == 0) return;
        report.Add($"corpus_index_s_per_100k_lines_{name}", IndexSeconds * 100_000 / IndexedLines, "s", $"{IndexedLines} lines");
        report.Add($"corpus_database_mb_{name}", DatabaseBytes / 1e6, "MB");
    }

    /// <summary>Reports the NDCG@10 of the repository asked last.</summary>
    public void ReportLast(BenchmarkReport report, string repository) => report.Add($"ndcg10_{name}_{repository}", _repositories[^1], "ratio");
}
