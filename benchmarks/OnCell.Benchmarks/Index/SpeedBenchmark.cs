using System.Diagnostics;
using OnCell.Indexing;

namespace OnCell.Benchmarks.Index;

/// <summary>How long indexing, refreshing and asking take.</summary>
internal static class SpeedBenchmark
{
    private const int Queries = 400;

    /// <summary>How often a refresh is measured; the median is reported, as single ones of large folders differ by more than a file costs.</summary>
    private const int Refreshes = 5;

    /// <summary>How often the small folder is indexed and asked before anything is measured.</summary>
    private const int WarmUps = 15;

    /// <summary>The run-time compiles anew, with all optimizations, what is called often, once nothing new was called for 100 ms.</summary>
    private static readonly TimeSpan CompilePause = TimeSpan.FromMilliseconds(300);

    public static async Task RunAsync(BenchmarkReport report, string folder, bool large)
    {
        await WarmUpAsync(folder);
        await MeasureAsync(report, folder, 100_000, "100k");
        await MeasureRefreshAsync(report, folder);
        await MeasureAsync(report, folder, 1_000_000, "1m");
        if (large) await MeasureAsync(report, folder, 10_000_000, "10m");
    }

    /// <summary>Indexes and asks a small folder, so that no later row holds what the process pays once.</summary>
    private static async Task WarmUpAsync(string folder)
    {
        SourceMaker.Write(Path.Combine(folder, "warm"), 20_000);
        for (var run = 0; run < WarmUps; run++)
        {
            await using var index = await CodeIndex.OpenAsync(Path.Combine(folder, $"warm-{run}.db"));
            await index.IndexAsync(Path.Combine(folder, "warm"));
            await AskAsync(index);
            await Task.Delay(CompilePause);
        }
    }

    private static async Task MeasureAsync(BenchmarkReport report, string folder, int lines, string size)
    {
        var root = Path.Combine(folder, "source" + size);
        var database = Path.Combine(folder, size + ".db");
        SourceMaker.Write(root, lines);
        await using (var index = await CodeIndex.OpenAsync(database))
        {
            using var memory = new MemoryWatch();
            var processor = Environment.CpuUsage.TotalTime;
            var cold = await index.IndexAsync(root);
            var per100k = 100_000.0 / cold.Lines;
            report.Add(
                size == "100k" ? "index_s_per_100k_lines" : $"index_s_per_100k_lines_at_{size}", cold.Duration.TotalSeconds * per100k, "s",
                $"an empty index, {cold.FilesIndexed} files, {cold.Lines} lines, {cold.Chunks} chunks");
            report.Add($"index_processor_s_per_100k_lines_at_{size}", (Environment.CpuUsage.TotalTime - processor).TotalSeconds * per100k, "s", "all threads");
            report.Add($"index_s_{size}_lines", cold.Duration.TotalSeconds, "s", "an empty index, whole");
            report.Add($"index_rss_growth_mb_{size}_lines", memory.PeakGrowth / 1e6, "MB", "at its peak over the base");
            report.Add($"index_database_mb_{size}_lines", new FileInfo(database).Length / 1e6, "MB");
        }

        var started = Stopwatch.GetTimestamp();
        await using var warm = await CodeIndex.OpenAsync(database);
        await warm.SearchAsync("request router");
        report.Add($"query_first_ms_{size}_lines", Stopwatch.GetElapsedTime(started).TotalMilliseconds, "ms", "opening the file included");
        var times = await AskAsync(warm);
        report.Add($"query_p50_ms_{size}_lines", times[times.Length / 2], "ms", $"{times.Length} queries of one to six words");
        report.Add($"query_p95_ms_{size}_lines", times[times.Length * 95 / 100], "ms");
        await MeasureRefreshesAsync(report, warm, root, size);
        Directory.Delete(root, recursive: true);
    }

    private static async Task MeasureRefreshesAsync(BenchmarkReport report, CodeIndex index, string root, string size)
    {
        await Task.Delay(TimeSpan.FromSeconds(2.5)); // leave the window in which times prove nothing
        await index.IndexAsync(root);
        var files = Directory.EnumerateFiles(root, "*.py", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var (unchanged, one) = (new List<double>(), new List<double>());
        for (var run = 0; run < Refreshes; run++)
        {
            unchanged.Add((await index.IndexAsync(root)).Duration.TotalMilliseconds);
            await File.AppendAllTextAsync(files[run], "def appended(): pass\n");
            one.Add((await index.IndexAsync(root)).Duration.TotalMilliseconds);
        }

        report.Add($"refresh_unchanged_ms_{size}_lines", Median(unchanged), "ms", $"{files.Count} files, median of {Refreshes}");
        report.Add($"refresh_one_file_ms_{size}_lines", Median(one), "ms", $"the scan included, median of {Refreshes}");
        report.Add(
            $"refresh_one_file_over_scan_ms_{size}_lines", Median([.. one.Zip(unchanged, (o, u) => o - u)]), "ms",
            $"median of {Refreshes} differences to the run before");

        // Another branch: a tenth of the files differs, some are gone, some new.
        for (var i = 0; i < files.Count; i += 10)
        {
            if (i % 50 == 0) File.Move(files[i], files[i] + ".moved.py");
            else await File.AppendAllTextAsync(files[i], $"def on_branch_{i}(): pass\n");
        }

        var branch = await index.IndexAsync(root);
        report.Add(
            $"refresh_branch_switch_ms_{size}_lines", branch.Duration.TotalMilliseconds, "ms",
            $"{branch.FilesIndexed} files changed or new, {branch.FilesRemoved} gone");
    }

    private static async Task MeasureRefreshAsync(BenchmarkReport report, string folder)
    {
        var root = Path.Combine(folder, "many");
        for (var file = 0; file < 10_000; file++)
        {
            var directory = Path.Combine(root, $"d{file / 100}");
            Directory.CreateDirectory(directory);
            await File.WriteAllTextAsync(Path.Combine(directory, $"f{file}.py"), $"def function_{file}(): return {file}\n");
        }

        await using var index = await CodeIndex.OpenAsync(Path.Combine(folder, "many.db"));
        await index.IndexAsync(root);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await index.IndexAsync(root);
        var times = new List<double>();
        for (var run = 0; run < Refreshes; run++) times.Add((await index.IndexAsync(root)).Duration.TotalMilliseconds);
        report.Add("refresh_unchanged_10k_files_ms", Median(times), "ms", $"median of {Refreshes}");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<double[]> AskAsync(CodeIndex index)
    {
        var random = new Random(7);
        await index.SearchAsync("request router");
        var times = new double[Queries];
        for (var i = 0; i < Queries; i++)
        {
            var query = string.Join(' ', Enumerable.Range(0, random.Next(1, 7)).Select(_ => SourceMaker.Word(random)));
            var started = Stopwatch.GetTimestamp();
            await index.SearchAsync(query);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }
}
