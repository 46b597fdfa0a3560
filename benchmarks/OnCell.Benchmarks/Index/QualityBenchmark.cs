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

    public static async Task RunAsync(BenchmarkReport report, string folder, IReadOnlyList<RetrievalRepository> repositories)
    {
        var lexical = new List<double>();
        var fts5 = new List<double>();
        var ripgrep = new List<double>();
        var answered = new List<double>();
        var unanswered = new List<double>();
        var categories = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var ablated = Ablations.ToDictionary(a => a.Name, _ => new List<double>());
        foreach (var repository in repositories)
        {
            var database = Path.Combine(folder, repository.Name + ".db");
            await using var index = await CodeIndex.OpenAsync(database);
            await index.IndexAsync(repository.Root);

            lexical.Add(await AverageAsync(repository, q => SearchAsync(index, q), categories));
            report.Add($"ndcg10_lexical_{repository.Name}", lexical[^1], "ratio");
            var others = repositories[(repositories.ToList().IndexOf(repository) + 1) % repositories.Count].Queries;
            answered.AddRange(await BestScoresAsync(index, repository.Queries));
            unanswered.AddRange(await BestScoresAsync(index, others));
            using (var baseline = new Fts5Baseline(database))
                fts5.Add(await AverageAsync(repository, q => Task.FromResult(baseline.Search(q))));
            if (RipgrepBaseline.IsInstalled)
                ripgrep.Add(await AverageAsync(repository, q => RipgrepBaseline.SearchAsync(repository.Root, q)));

            foreach (var (name, weights) in Ablations)
            {
                index.Engine.Weights = weights;
                ablated[name].Add(await AverageAsync(repository, q => SearchAsync(index, q)));
            }
        }

        report.Add("ndcg10_lexical", lexical.Average(), "ratio", $"{repositories.Count} repositories, each counts the same");
        report.Add("ndcg10_default", lexical.Average(), "ratio", "what ships on: lexical");
        report.Add("ndcg10_fts5", fts5.Average(), "ratio", "the same chunks, unicode61, bm25()");
        if (ripgrep.Count > 0) report.Add("ndcg10_ripgrep", ripgrep.Average(), "ratio", "files with most words of the query first");
        report.Add("score_auc", Auc(answered, unanswered), "ratio", "best hits of queries about this repository against those about another");
        foreach (var (category, values) in categories) report.Add($"ndcg10_lexical_{category}_queries", values.Average(), "ratio");
        foreach (var (name, values) in ablated) report.Add($"ndcg10_without_{name}", values.Average(), "ratio");
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

    private static async Task<double> AverageAsync(
        RetrievalRepository repository,
        Func<string, Task<List<string>>> search,
        Dictionary<string, List<double>>? categories = null)
    {
        var sum = 0.0;
        foreach (var query in repository.Queries)
        {
            var paths = await search(query.Text);
            var ndcg = Ndcg.Of(paths.Select(p => repository.Prefix + p), query.Targets);
            sum += ndcg;
            if (categories is null) continue;
            if (!categories.TryGetValue(query.Category, out var values)) categories.Add(query.Category, values = []);
            values.Add(ndcg);
        }

        return sum / repository.Queries.Count;
    }
}
