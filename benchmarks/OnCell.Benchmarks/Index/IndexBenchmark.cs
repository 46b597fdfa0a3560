namespace OnCell.Benchmarks.Index;

/// <summary>
/// <c>./bench index</c>: quality on this project's own source, or with <c>--corpus DIR --annotations DIR</c> on annotated queries;
/// with <c>--history DIR</c> also on git history; then speed, at 100,000 and a million lines, with <c>--large</c> also at ten million
/// and a million vectors. <c>--quality-only</c> and <c>--speed-only</c> leave out the rest; <c>--models DIR</c> names the folder with
/// the weights of dense models.
/// </summary>
internal static class IndexBenchmark
{
    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        var models = await DenseModels.OpenAsync(options);
        try
        {
            await RunAsync(report, options, models);
        }
        finally
        {
            foreach (var model in models) model.Generator.Dispose();
        }
    }

    private static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options, List<DenseModel> models)
    {
        if (options.Values.TryGetValue("--corpus", out var corpus))
        {
            if (!options.Values.TryGetValue("--annotations", out var annotations))
                throw new ArgumentException("--corpus needs --annotations DIR, with repos.json and annotations/NAME.json.");
            await QualityBenchmark.RunAsync(report, options.WorkFolder, RetrievalSet.Read(corpus, annotations), models);
        }
        else if (!options.Has("--speed-only"))
        {
            await QualityBenchmark.RunAsync(report, options.WorkFolder, [SummaryCorpus.Make(Path.Combine(options.WorkFolder, "summaries"))], models);
        }

        if (options.Values.TryGetValue("--history", out var history))
            await HistoryBenchmark.RunAsync(report, options.WorkFolder, history, models);
        if (options.Has("--quality-only")) return;
        await SpeedBenchmark.RunAsync(report, options.WorkFolder, options.Has("--large"));
        VectorBenchmark.RunScans(report, options.WorkFolder, options.Has("--large"));
        await VectorBenchmark.RunModelsAsync(report, models);
    }
}
