namespace OnCell.Benchmarks;

/// <summary>Runs one area's scenarios and prints rows of <c>name value unit</c>.</summary>
internal static class BenchmarkProgram
{
    private static readonly SortedDictionary<string, Func<BenchmarkReport, BenchmarkOptions, Task>> Areas =
        new(StringComparer.Ordinal)
        {
            ["agents"] = Agents.AgentsBenchmark.RunAsync,
            ["api"] = Api.ApiBenchmark.RunAsync,
            ["index"] = Index.IndexBenchmark.RunAsync,
            ["journal"] = Journal.JournalBenchmark.RunAsync,
            ["sandbox"] = Sandbox.SandboxBenchmark.RunAsync,
        };

    public static async Task<int> RunAsync(string[] args)
    {
        var options = BenchmarkOptions.Parse(args);
        if (options is null || !Areas.TryGetValue(options.Area, out var run))
        {
            await Console.Error.WriteLineAsync($"{BenchmarkOptions.Usage}; areas: {string.Join(", ", Areas.Keys)}");
            return 2;
        }

        var report = new BenchmarkReport();
        Directory.CreateDirectory(options.WorkFolder);
        try
        {
            await run(report, options);
        }
        finally
        {
            Directory.Delete(options.WorkFolder, recursive: true);
        }

        if (options.JsonPath is { } path)
            await report.WriteJsonAsync(path);
        return 0;
    }
}
