namespace OnCell.Benchmarks.Index;

/// <summary>
/// <c>./bench index [--corpus DIR --annotations DIR] [--history DIR] [--large] [--quality-only]</c>: quality on annotated queries, quality on
/// git history, and speed.
/// </summary>
internal static class IndexBenchmark
{
    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        if (options.Values.TryGetValue("--corpus", out var corpus))
        {
            if (!options.Values.TryGetValue("--annotations", out var annotations))
                throw new ArgumentException("--corpus needs --annotations DIR, with repos.json and annotations/NAME.json.");
            await QualityBenchmark.RunAsync(report, options.WorkFolder, RetrievalSet.Read(corpus, annotations));
        }

        if (options.Values.TryGetValue("--history", out var history))
            await HistoryBenchmark.RunAsync(report, options.WorkFolder, history);
        if (!options.Has("--quality-only")) await SpeedBenchmark.RunAsync(report, options.WorkFolder, options.Has("--large"));
    }
}
