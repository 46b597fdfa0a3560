using OnCell.Indexing;
using OnCell.Indexing.Ranking;

namespace OnCell.Benchmarks.Index;

/// <summary>NDCG@10 on annotated queries, beside ripgrep and raw FTS5, with what each part of the ranking is worth.</summary>
internal static class QualityBenchmark
{
    private static readonly (string Name, RankingWeights Weights)[] Ablations =
    [
        ("file_name", RankingWeights.Default with { FilePart = 0, FileWord = 0, FileCompound = 0, Folder = 0 }),
        ("definitions", RankingWeights.Default with { DefinedPart = 0, DefinedWord = 0, DefinedCompound = 0 }),
        ("coherence", RankingWeights.Default with { Coherence = 0 }),
        ("same_file_decay", RankingWeights.Default with { SameFileDecay = 1 }),
        ("whole_names", RankingWeights.Default with { Name = 0, Compound = 0 }),
        ("size_prior", RankingWeights.Default with { SizePrior = 0 }),
        ("name_precision", RankingWeights.Default with { NamePrecision = 0 }),
    ];

    /// <summary>Other shares of the best score by words that vectors may add.</summary>
    private static readonly float[] Shares = [0.05f, 0.1f, 0.3f];

    public static async Task RunAsync(
        BenchmarkReport report, string folder, IReadOnlyList<RetrievalRepository> repositories, IReadOnlyList<DenseModel> models)
    {
        var (lexical, fts5, ripgrep) = (new MethodResult("lexical"), new MethodResult("fts5"), new MethodResult("ripgrep"));
        var dense = models.Select(m => (Model: m, Result: new MethodResult("dense_" + m.Name))).ToList();
        var sweep = models.SelectMany(m => Shares.Select(s => (
            Model: m,
            Weights: RankingWeights.Default with { Dense = s },
            Result: new MethodResult(FormattableString.Invariant($"dense_{m.Name}_at_{s}"))))).ToList();
        var ablated = Ablations.Select(a => (a.Weights, Result: new MethodResult("without_" + a.Name))).ToList();
        var (answered, unanswered) = (new List<double>(), new List<double>());
        for (var i = 0; i < repositories.Count; i++)
        {
            var repository = repositories[i];
            var database = Path.Combine(folder, repository.Name + ".db");
            await using var index = await OpenAsync(database, new CodeIndexOptions(), repository, lexical);
            await lexical.MeasureAsync(repository, q => SearchAsync(index, q));
            lexical.ReportLast(report, repository.Name);

            answered.AddRange(await BestScoresAsync(index, repository.Queries));
            unanswered.AddRange(await BestScoresAsync(index, Unanswerable(repositories, i)));
            using (var baseline = new Fts5Baseline(database))
            {
                await fts5.MeasureAsync(repository, q => Task.FromResult(baseline.Search(q)));
                (fts5.IndexSeconds, fts5.IndexedLines, fts5.DatabaseBytes) =
                    (fts5.IndexSeconds + baseline.FillSeconds, lexical.IndexedLines, fts5.DatabaseBytes + baseline.Bytes);
            }

            if (RipgrepBaseline.IsInstalled) await ripgrep.MeasureAsync(repository, q => RipgrepBaseline.SearchAsync(repository.Root, q));
            foreach (var (model, result) in dense)
            {
                await using var hybrid = await OpenAsync(Path.Combine(folder, $"{repository.Name}-{model.Name}.db"), model.Options, repository, result);
                await result.MeasureAsync(repository, q => SearchAsync(hybrid, q));
                foreach (var (weights, variant) in sweep.Where(s => s.Model == model).Select(s => (s.Weights, s.Result)))
                {
                    hybrid.Engine.Weights = weights;
                    await variant.MeasureAsync(repository, q => SearchAsync(hybrid, q));
                }
            }

            foreach (var (weights, result) in ablated)
            {
                index.Engine.Weights = weights;
                await result.MeasureAsync(repository, q => SearchAsync(index, q));
            }
        }

        lexical.Report(report, $"{repositories.Count} repositories, each counts the same; {lexical.Queries.Count} queries");
        report.Add("ndcg10_default", lexical.Mean, "ratio", "what ships on: lexical");
        fts5.Report(report, "the same chunks, unicode61, bm25()");
        ripgrep.Report(report, "files with most words of the query first");
        foreach (var (model, result) in dense)
        {
            result.Report(report, $"lexical and {model.ModelName}");
            Bootstrap.Add(report, $"ndcg10_gain_{result.Name}_over_lexical", [.. result.Queries.Zip(lexical.Queries, (d, l) => d - l)]);
        }

        report.Add("score_auc", Auc(answered, unanswered), "ratio", "best hits of queries about this repository against those about another");
        foreach (var (category, mean) in lexical.ByCategory()) report.Add($"ndcg10_lexical_{category}_queries", mean, "ratio");
        foreach (var (_, _, result) in sweep) report.Add($"ndcg10_{result.Name}", result.Mean, "ratio");
        foreach (var (_, result) in ablated) report.Add($"ndcg10_{result.Name}", result.Mean, "ratio");
    }

    /// <summary>Queries about something else: those of the next repository, or, where there is only one, invented ones.</summary>
    private static IReadOnlyList<RetrievalQuery> Unanswerable(IReadOnlyList<RetrievalRepository> repositories, int at)
        => repositories.Count > 1 ? repositories[(at + 1) % repositories.Count].Queries : UnrelatedQueries.All;

    private static async Task<CodeIndex> OpenAsync(string database, CodeIndexOptions options, RetrievalRepository repository, MethodResult result)
    {
        var index = await CodeIndex.OpenAsync(database, options);
        var run = await index.IndexAsync(repository.Root);
        result.IndexSeconds += run.Duration.TotalSeconds;
        result.IndexedLines += run.Lines;
        result.DatabaseBytes += new FileInfo(database).Length;
        return index;
    }

    private static async Task<List<double>> BestScoresAsync(CodeIndex index, IReadOnlyList<RetrievalQuery> queries)
    {
        var scores = new List<double>();
        foreach (var query in queries)
        {
            var hits = await index.SearchAsync(query.Text, new SearchOptions { TopK = 1 });
            scores.Add(hits.Count == 0 ? 0 : hits[0].Score);
        }

        return scores;
    }

    /// <summary>How often a query with an answer scores above one without.</summary>
    private static double Auc(List<double> answered, List<double> unanswered)
        => answered.Average(a => unanswered.Average(u => a > u ? 1 : a == u ? 0.5 : 0));

    private static async Task<List<string>> SearchAsync(CodeIndex index, string query)
        => [.. (await index.SearchAsync(query)).Select(h => h.Path)];
}
