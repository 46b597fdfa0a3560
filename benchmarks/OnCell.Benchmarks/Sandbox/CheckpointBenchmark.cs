using System.Diagnostics;
using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>A cell with a process that holds 64 MB of random bytes, written to the disk and taken up again.</summary>
internal static class CheckpointBenchmark
{
    private const string Heap = "import os, time; heap = os.urandom(64 << 20); print('up', flush=True); time.sleep(100000)";

    public static async Task RunAsync(BenchmarkReport report, BenchmarkLab lab, int rounds)
    {
        var spec = lab.Spec("checkpointed") with { Checkpoints = true };
        var cell = await lab.Runtime.StartAsync(spec, CancellationToken.None);
        await HoldHeapAsync(cell);
        var (checkpoint, wake) = (new Samples(), new Samples());
        var megabytes = 0.0;
        for (var round = 0; round < rounds; round++)
        {
            await checkpoint.TimeAsync(() => cell.CheckpointAsync(CancellationToken.None));
            megabytes = Directory.GetFiles(spec.Folder + "/checkpoint").Sum(file => new FileInfo(file).Length) / 1e6;
            var start = Stopwatch.GetTimestamp();
            cell = await lab.Runtime.StartAsync(spec, CancellationToken.None);
            wake.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (await cell.FindExecAsync("heap", CancellationToken.None) != ExecState.Running)
                throw new InvalidOperationException("The process did not go on after its checkpoint.");
        }

        report.Add("checkpoint_ms", checkpoint.Median, "ms", $"{checkpoint.Note}, 64 MB heap, {megabytes:0} MB written");
        report.Add("wake_checkpointed_ms", wake.Median, "ms", wake.Note + ", to the guest's first word, its process running on");
        await cell.StopAsync(CancellationToken.None);
    }

    private static async Task HoldHeapAsync(OnCell.Sandboxes.Sandbox cell)
    {
        var up = new TaskCompletionSource();
        await using var handle = await cell.StartExecAsync(ExecSpec.Command("python3", "-c", Heap) with { Key = "heap" }, CancellationToken.None);
        _ = handle.WaitAsync(_ => up.TrySetResult(), CancellationToken.None).ContinueWith(end => end.Exception, TaskScheduler.Default);
        await up.Task;
    }
}
