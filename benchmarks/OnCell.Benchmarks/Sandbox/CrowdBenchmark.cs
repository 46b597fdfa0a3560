using System.Diagnostics;
using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>Many cells at once: idle and frozen, then each used; and many commands at once over some of them.</summary>
internal static class CrowdBenchmark
{
    private const int AtOnce = 4;
    private const int BusyCells = 10;
    private const int Commands = 1000;

    private static readonly SandboxResources Small = new() { Cpus = 1, MemoryBytes = 256L << 20, StorageBytes = 128L << 20, Pids = 1024 };

    public static async Task RunAsync(BenchmarkReport report, BenchmarkLab lab, int count)
    {
        var cells = new OnCell.Sandboxes.Sandbox[count];
        try
        {
            var start = Stopwatch.GetTimestamp();
            await EachAsync(count, async i =>
            {
                cells[i] = await lab.Runtime.StartAsync(lab.Spec($"crowd-{i}") with { Resources = Small }, CancellationToken.None);
                await BenchmarkLab.ShellAsync(cells[i], "echo here > /work/file");
                await cells[i].FreezeAsync(CancellationToken.None); // as idle cells are: awake, each takes some percent of a core
            });
            report.Add("crowd_create_s", Stopwatch.GetElapsedTime(start).TotalSeconds, "s", $"{count} cells created, used and frozen, {AtOnce} at a time");
            await ManyCommandsAsync(report, [.. cells.Take(BusyCells)]);
            report.Add("idle_cells", count, "cells", "frozen at once");
            report.Add("idle_cell_mb", cells.Sum(cell => MemoryUse.OfSandboxes(cell.Id.Value)) / count, "MB", "of the control group of a frozen cell, pages of files apart, mean");
            await ThawEachAsync(report, cells);
        }
        finally
        {
            await EachAsync(count, async i =>
            {
                if (cells[i] is not { } cell)
                    return;
                await cell.ThawAsync(CancellationToken.None);
                await cell.StopAsync(CancellationToken.None);
            });
        }
    }

    private static async Task ThawEachAsync(BenchmarkReport report, OnCell.Sandboxes.Sandbox[] cells)
    {
        var used = new Samples();
        foreach (var cell in cells)
        {
            await used.TimeAsync(async () =>
            {
                await cell.ThawAsync(CancellationToken.None);
                if (await BenchmarkLab.ShellAsync(cell, "cat /work/file") != "here\n")
                    throw new InvalidOperationException($"{cell.Id} lost its file.");
            });
            await cell.FreezeAsync(CancellationToken.None);
        }

        report.Add("idle_cells_used_ms", used.Median, "ms", $"each of {cells.Length} thawed and a command run in it, p99 {used.P99:0.0} ms");
    }

    private static async Task ManyCommandsAsync(BenchmarkReport report, OnCell.Sandboxes.Sandbox[] cells)
    {
        foreach (var cell in cells)
            await cell.ThawAsync(CancellationToken.None);
        var samples = new Samples();
        var start = Stopwatch.GetTimestamp();
        var all = Enumerable.Range(0, Commands).Select(i => OneAsync(cells[i % cells.Length])).ToArray();
        await Task.WhenAll(all);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var milliseconds in all)
            samples.Add(await milliseconds);
        report.Add("concurrent_execs_per_s", Commands / seconds, "1/s", $"{Commands} commands started at once over {cells.Length} cells");
        report.Add("concurrent_exec_p50_ms", samples.Median, "ms", "from the start of all to the end of one");
        report.Add("concurrent_exec_p99_ms", samples.P99, "ms");
        foreach (var cell in cells)
            await cell.FreezeAsync(CancellationToken.None);

        static async Task<double> OneAsync(OnCell.Sandboxes.Sandbox cell)
        {
            var begun = Stopwatch.GetTimestamp();
            var result = await cell.RunAsync(ExecSpec.Command("/bin/true"));
            return result.ExitCode == 0
                ? Stopwatch.GetElapsedTime(begun).TotalMilliseconds
                : throw new InvalidOperationException($"/bin/true ended with {result.Outcome} {result.ExitCode}: {result.Error}");
        }
    }

    private static Task EachAsync(int count, Func<int, Task> action) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => await action(i));
}
