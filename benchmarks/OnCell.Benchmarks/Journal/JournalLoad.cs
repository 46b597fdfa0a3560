using System.Diagnostics;
using OnCell.Journaling;

namespace OnCell.Benchmarks.Journal;

/// <summary>What a journal comes to over time: a million steps in one file, long histories, ten thousand open runs, deleted space.</summary>
internal static class JournalLoad
{
    private const int Parts = 10;

    /// <summary>
    /// A million steps, an hour of them at 278 a second, as fast as they go: what the file, its log and the memory come to.
    /// </summary>
    public static async Task SustainAsync(BenchmarkReport report, string folder)
    {
        const int Runs = 64, StepsEach = 1_000_000 / Runs;
        var path = Path.Combine(folder, "sustain.db");
        await using var journal = await DurableJournal.OpenAsync(path);
        var started = await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => JournalWork.StartAsync(journal, $"run-{i}")));
        var (longestLog, began) = (0L, Stopwatch.GetTimestamp());
        var (managed, resident) = (new List<double>(), new List<double>());
        for (var part = 0; part < Parts; part++)
        {
            await Task.WhenAll(started.Select(run => Task.Run(() => JournalWork.MeasureAsync(run, StepEffect.Idempotent, StepsEach / Parts))));
            longestLog = Math.Max(longestLog, new FileInfo(path + "-wal").Length);
            managed.Add(GC.GetTotalMemory(forceFullCollection: true) / 1048576.0);
            resident.Add(Environment.WorkingSet / 1048576.0);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        report.Add("sustained_steps_per_s", Runs * (StepsEach / Parts) * Parts / seconds, "steps/s", "a million effect steps in one journal: an hour at 278 a second, compressed");
        report.Add("sustained_wal_mib", longestLog / 1048576.0, "MiB", "longest write-ahead log");
        report.Add("sustained_file_mib", new FileInfo(path).Length / 1048576.0, "MiB");
        report.Add("sustained_memory_growth_mib", managed[^1] - managed[0], "MiB", "managed memory after all, less that after a tenth");
        report.Add("sustained_resident_growth_mib", resident[^1] - resident[1], "MiB", "the process after all, less after two tenths");
    }

    public static async Task LoadAsync(BenchmarkReport report, string folder, int steps)
    {
        await using var journal = await DurableJournal.OpenAsync(Path.Combine(folder, $"load-{steps}.db"));
        await using (var run = await JournalWork.StartAsync(journal, "long"))
            await Task.WhenAll(Enumerable.Range(0, steps).Select(_ => run.StepAsync(JournalWork.Step(StepEffect.Idempotent), default)));

        var times = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await using var resumed = await journal.ResumeRunAsync("long", default);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        report.Add($"load_{steps / 1_000}k_steps_ms", JournalWork.Percentile(times, 0.5), "ms", "claim and history; results are read when asked for");
        if (steps != 10_000)
            return;
        var replayBegan = Stopwatch.GetTimestamp();
        await using var replay = await journal.ResumeRunAsync("long", default);
        for (var i = 0; i < steps; i++)
            await replay.StepAsync(JournalWork.Step(StepEffect.Idempotent), default);
        report.Add("replay_10k_steps_ms", Stopwatch.GetElapsedTime(replayBegan).TotalMilliseconds, "ms", "load, and every step returned");
    }

    public static async Task RecoverAsync(BenchmarkReport report, string folder, int runs)
    {
        var path = Path.Combine(folder, "recover.db");
        await using (var journal = await DurableJournal.OpenAsync(path))
        {
            await Task.WhenAll(Enumerable.Range(0, runs).Select(async i =>
            {
                var run = await JournalWork.StartAsync(journal, $"run-{i}");
                await run.StepAsync(JournalWork.Step(StepEffect.Idempotent), default);
            }));
        }

        var began = Stopwatch.GetTimestamp();
        await using var opened = await DurableJournal.OpenAsync(path);
        var open = await opened.ListRunsAsync(RunFilter.Open with { Limit = runs }, default);
        await Task.WhenAll(open.Select(async info =>
        {
            var run = await opened.ResumeRunAsync(info.Id, default);
            await run.StepAsync(JournalWork.Step(StepEffect.Idempotent), default);
        }));
        report.Add("recover_10k_runs_s", Stopwatch.GetElapsedTime(began).TotalSeconds, "s", $"open, list, claim and replay one step of {open.Count} runs");
    }

    /// <summary>A step while nobody tidies up, and while the space of 40,000 deleted records is given back.</summary>
    public static async Task CompactAsync(BenchmarkReport report, string folder)
    {
        var path = Path.Combine(folder, "compact.db");
        await using var journal = await DurableJournal.OpenAsync(path);
        await using (var old = await JournalWork.StartAsync(journal, "old"))
        {
            await Task.WhenAll(Enumerable.Range(0, 20_000).Select(_ => old.StepAsync(JournalWork.Step(StepEffect.Idempotent), default)));
            await old.CompleteAsync("1", default);
        }

        await journal.DeleteRunAsync("old", default);
        await using var run = await JournalWork.StartAsync(journal, "live");
        var quiet = (await JournalWork.MeasureAsync(run, StepEffect.Idempotent, 1_000)).ToList();
        var compacting = journal.CompactAsync(default);
        var busy = new List<double>();
        while (!compacting.IsCompleted)
            busy.AddRange(await JournalWork.MeasureAsync(run, StepEffect.Idempotent, 1));
        report.Add("compacted_mib", await compacting / 1048576.0, "MiB", $"given back beside {busy.Count} steps");
        report.AddRatio("step_worst_while_compacting", JournalWork.Percentile(busy, 1) / 1_000, JournalWork.Percentile(quiet, 0.99) / 1_000, "ms", "the slowest such step, and p99 of a quiet one");
    }
}
