using System.Diagnostics;
using OnCell.Indexing;

namespace OnCell.Benchmarks.Index;

/// <summary>Queries that nobody wrote for a benchmark: the subjects of commits, answered by the files they changed.</summary>
/// <remarks>
/// Each folder of the history directory is a git repository. For each of its last commits that changed one to five files
/// that stood there before, the parent's tree is brought into a folder, indexed incrementally, and asked.
/// </remarks>
internal static class HistoryBenchmark
{
    private const int CommitsPerRepository = 40;
    private const int MaxFiles = 5;

    public static async Task RunAsync(BenchmarkReport report, string folder, string history, IReadOnlyList<DenseModel> models)
    {
        var (lexical, fts5, ripgrep) = (new List<double>(), new List<double>(), new List<double>());
        var dense = models.Select(m => (Model: m, Values: new List<double>())).ToList();
        foreach (var repository in Directory.GetDirectories(history).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(repository);
            var before = lexical.Count;
            var tree = Path.Combine(folder, "history", name);
            Directory.CreateDirectory(tree);
            var database = Path.Combine(folder, $"history-{name}.db");
            await using var index = await CodeIndex.OpenAsync(database);
            var hybrids = new List<(CodeIndex Index, List<double> Values)>();
            foreach (var (model, values) in dense)
                hybrids.Add((await CodeIndex.OpenAsync(Path.Combine(folder, $"history-{name}-{model.Name}.db"), model.Options), values));
            foreach (var (parent, subject, files) in await ReadCommitsAsync(repository))
            {
                await GitAsync(repository, tree + ".git-index", $"--work-tree={tree}", "read-tree", "--reset", "-u", parent);
                lexical.Add(await JudgeAsync(index, tree, subject, files));
                foreach (var (hybrid, values) in hybrids) values.Add(await JudgeAsync(hybrid, tree, subject, files));
                using (var baseline = new Fts5Baseline(database)) fts5.Add(Ndcg.Of(baseline.Search(subject), files));
                ripgrep.Add(Ndcg.Of(await RipgrepBaseline.SearchAsync(tree, subject), files));
            }

            foreach (var (hybrid, _) in hybrids) await hybrid.DisposeAsync();
            if (lexical.Count > before)
                report.Add($"history_ndcg10_lexical_{name}", lexical.Skip(before).Average(), "ratio", $"{lexical.Count - before} commits");
        }

        Bootstrap.Add(report, "history_ndcg10_lexical", lexical);
        Bootstrap.Add(report, "history_ndcg10_fts5", fts5);
        Bootstrap.Add(report, "history_ndcg10_ripgrep", ripgrep);
        Bootstrap.Add(report, "history_gain_over_fts5", [.. lexical.Zip(fts5, (a, b) => a - b)]);
        Bootstrap.Add(report, "history_gain_over_ripgrep", [.. lexical.Zip(ripgrep, (a, b) => a - b)]);
        foreach (var (model, values) in dense)
        {
            Bootstrap.Add(report, $"history_ndcg10_dense_{model.Name}", values);
            Bootstrap.Add(report, $"history_gain_dense_{model.Name}_over_lexical", [.. values.Zip(lexical, (d, l) => d - l)]);
        }
    }

    private static async Task<double> JudgeAsync(CodeIndex index, string tree, string subject, List<string> files)
    {
        await index.IndexAsync(tree);
        return Ndcg.Of((await index.SearchAsync(subject)).Select(h => h.Path), files);
    }

    private static async Task<List<(string Parent, string Subject, List<string> Files)>> ReadCommitsAsync(string repository)
    {
        var log = await GitAsync(repository, null, "log", "--no-merges", "--diff-filter=M", "--name-only", "--format=%x01%P%x02%s", "-n", "600");
        var commits = new List<(string, string, List<string>)>();
        foreach (var entry in log.Split('\x01', StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = entry.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var (parent, subject) = (lines[0][..lines[0].IndexOf('\x02')], lines[0][(lines[0].IndexOf('\x02') + 1)..]);
            var files = lines[1..].Where(IsCode).ToList();
            if (parent.Length < 40 || files.Count is 0 or > MaxFiles || !subject.Contains(' ') || !subject.Any(char.IsLetter)) continue;
            commits.Add((parent, subject, files));
            if (commits.Count == CommitsPerRepository) break;
        }

        return commits;
    }

    /// <summary>Change logs, lock files and the like follow every commit, whatever it is about.</summary>
    private static bool IsCode(string path)
        => OnCell.Indexing.Languages.LanguageCatalog.Of(path).Style
            is OnCell.Indexing.Languages.DefinitionStyle.Keyword or OnCell.Indexing.Languages.DefinitionStyle.KeywordOrBraces;

    /// <summary>Runs git on a repository, which it leaves as it is: what is checked out is noted in <paramref name="index"/>.</summary>
    private static async Task<string> GitAsync(string repository, string? index, params string[] arguments)
    {
        var folder = Directory.Exists(Path.Combine(repository, ".git")) ? Path.Combine(repository, ".git") : repository;
        using var process = Process.Start(new ProcessStartInfo("git", ["--git-dir", folder, .. arguments])
        {
            RedirectStandardOutput = true,
            Environment = { ["GIT_INDEX_FILE"] = index },
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"git {string.Join(' ', arguments)} failed in {repository} ({process.ExitCode}).");
    }
}
