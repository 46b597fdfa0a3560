using System.Diagnostics;
using OnCell.Journaling;

namespace OnCell.Benchmarks.Journal;

/// <summary>The journal against the disk it stands on: bare fdatasync is measured in the same run, before and after.</summary>
internal static class JournalBenchmark
{
    private const int SerialSteps = 2_000;

    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        if (options.Has("--faults"))
        {
            await JournalFaults.RunAsync(report);
            return;
        }

        await SerialAsync(report, options.WorkFolder);
        await ThroughputAsync(report, options.WorkFolder, runs: 64, stepsEach: 1_500);
        await ThroughputAsync(report, options.WorkFolder, runs: 1_024, stepsEach: 100);
        foreach (var steps in (int[])[1_000, 10_000, 100_000])
            await JournalLoad.LoadAsync(report, options.WorkFolder, steps);
        await JournalLoad.RecoverAsync(report, options.WorkFolder, runs: 10_000);
        await JournalLoad.CompactAsync(report, options.WorkFolder);
        if (!options.Has("--alone"))
            await PeersAsync(report, options.WorkFolder);
        if (!options.Has("--brief"))
            await JournalLoad.SustainAsync(report, options.WorkFolder);
    }

    /// <summary>Three-step runs, one after another and 64 at a time: the journal, then DBOS and Restate beside it.</summary>
    private static async Task PeersAsync(BenchmarkReport report, string folder)
    {
        var peers = new JournalPeers(folder);
        var (dbos, restate) = (await peers.DbosAsync(), await peers.RestateAsync());
        var own = await ThreeStepsAsync(folder);
        report.Add("three_step_run_p50_ms", own.RunMs, "ms", "start, three effect steps, end: eight records");
        report.Add("three_step_steps_per_s_64", own.StepsPerSecond, "steps/s");
        Compare("dbos", dbos);
        Compare("restate", restate);

        void Compare(string name, PeerResult? peer)
        {
            if (peer is null)
                return;
            report.AddRatio($"speed_over_{name}", peer.RunMs, own.RunMs, "ms", $"a run of {name}, and ours");
            report.AddRatio($"throughput_over_{name}_64", own.StepsPerSecond, peer.StepsPerSecond, "steps/s", name);
            report.AddRatio($"step_p50_over_{name}_64", peer.StepP50Ms, own.StepP50Ms, "ms", $"a step of {name}, and ours");
            report.AddRatio($"step_p99_over_{name}_64", peer.StepP99Ms, own.StepP99Ms, "ms", $"a step of {name}, and ours");
        }
    }

    private static async Task<PeerResult> ThreeStepsAsync(string folder)
    {
        const int Serial = 200, Parallel = 64, Each = 20;
        await using var journal = await DurableJournal.OpenAsync(Path.Combine(folder, "three.db"));
        for (var i = 0; i < 30; i++)
            await RunAsync($"warm-{i}");
        var runs = new List<double>();
        for (var i = 0; i < Serial; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await RunAsync($"serial-{i}");
            runs.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        var beganParallel = Stopwatch.GetTimestamp();
        var steps = (await Task.WhenAll(Enumerable.Range(0, Parallel).Select(worker => Task.Run(async () =>
        {
            var times = new List<double>();
            for (var i = 0; i < Each; i++)
                times.AddRange(await RunAsync($"parallel-{worker}-{i}"));
            return times;
        })))).SelectMany(static times => times).ToList();
        var seconds = Stopwatch.GetElapsedTime(beganParallel).TotalSeconds;
        return new PeerResult(
            JournalWork.Percentile(runs, 0.5), Parallel * Each * 3 / seconds, JournalWork.Percentile(steps, 0.5) / 1_000, JournalWork.Percentile(steps, 0.99) / 1_000);

        async Task<double[]> RunAsync(string id)
        {
            await using var run = await JournalWork.StartAsync(journal, id);
            var times = await JournalWork.MeasureAsync(run, StepEffect.Idempotent, 3);
            await run.CompleteAsync("\"ok\"", default);
            return times;
        }
    }

    private static async Task SerialAsync(BenchmarkReport report, string folder)
    {
        await using var journal = await DurableJournal.OpenAsync(Path.Combine(folder, "serial.db"));
        await using var run = await JournalWork.StartAsync(journal, "serial");
        await JournalWork.MeasureAsync(run, StepEffect.Idempotent, 300);

        // Side by side in rounds, so that a slower minute of the disk hits all three.
        var (bare, read, effect) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < 5; round++)
        {
            bare.AddRange(Fdatasync.Measure(folder, SerialSteps / 5));
            read.AddRange(await JournalWork.MeasureAsync(run, StepEffect.Read, SerialSteps / 5));
            effect.AddRange(await JournalWork.MeasureAsync(run, StepEffect.Idempotent, SerialSteps / 5));
        }

        var (sync, readStep, effectStep) = (JournalWork.Percentile(bare, 0.5), JournalWork.Percentile(read, 0.5), JournalWork.Percentile(effect, 0.5));
        report.Add("fdatasync_p50_us", sync, "us", "4 KiB appended and fdatasync, same folder, same minutes");
        report.Add("read_step_p50_us", readStep, "us");
        report.Add("effect_step_p50_us", effectStep, "us");
        report.AddRatio("read_step_over_fdatasync", readStep, sync, "us", "one fdatasync");
        report.AddRatio("effect_step_over_two_fdatasync", effectStep, 2 * sync, "us", "two fdatasync");
    }

    private static async Task ThroughputAsync(BenchmarkReport report, string folder, int runs, int stepsEach)
    {
        await using var journal = await DurableJournal.OpenAsync(Path.Combine(folder, $"parallel-{runs}.db"));
        var started = await Task.WhenAll(Enumerable.Range(0, runs).Select(i => JournalWork.StartAsync(journal, $"run-{i}")));
        var began = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(started.Select(run => Task.Run(() => JournalWork.MeasureAsync(run, StepEffect.Idempotent, stepsEach))));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var all = times.SelectMany(static each => each).ToList();
        report.Add($"steps_per_s_{runs}", runs * stepsEach / seconds, "steps/s", "effect steps: two records each");
        report.Add($"p50_ms_{runs}", JournalWork.Percentile(all, 0.5) / 1_000, "ms");
        report.Add($"p99_ms_{runs}", JournalWork.Percentile(all, 0.99) / 1_000, "ms");
    }
}
