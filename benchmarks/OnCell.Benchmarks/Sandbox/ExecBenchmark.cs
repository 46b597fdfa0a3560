using System.Diagnostics;
using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>Commands through the guest beside <c>runsc exec</c>.</summary>
internal static class ExecBenchmark
{
    public static async Task RunAsync(BenchmarkReport report, BenchmarkLab lab, BareRunsc bare, int rounds)
    {
        var cell = await lab.StartAsync("exec");
        var (bareId, _) = await bare.RunAsync();
        var (exec, keyed, runsc) = (new Samples(), new Samples(), new Samples());
        var command = ExecSpec.Command("/bin/true");
        for (var i = 0; i < 10; i++)
            await cell.RunAsync(command);
        for (var round = 0; round < rounds; round++)
        {
            await exec.TimeAsync(() => cell.RunAsync(command));
            var key = $"bench/{round}";
            await keyed.TimeAsync(() => cell.RunAsync(command with { Key = key }));
            await cell.ForgetExecAsync(key, CancellationToken.None);
            if (round % 10 == 0)
                runsc.Add(await bare.ExecAsync(bareId));
        }

        report.Add("exec_p50_ms", exec.Median, "ms", exec.Note + " of /bin/true");
        report.Add("exec_p99_ms", exec.P99, "ms");
        report.Add("keyed_exec_p50_ms", keyed.Median, "ms", "its result kept on the volume, synced");
        report.Add("runsc_exec_ms", runsc.Median, "ms", runsc.Note);
        report.AddRatio("exec_over_runsc_exec", exec.Median, runsc.Median, "ms", "runsc exec");

        await OutputBenchmark.RunAsync(report, cell, bare, bareId);

        var payload = new byte[32 << 20];
        var start = Stopwatch.GetTimestamp();
        await cell.Files.WriteAsync("/work/upload", payload, 0x1A4, CancellationToken.None);
        report.Add("upload_mb_per_s", payload.Length / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds, "MB/s", "32 MiB, synced");
        start = Stopwatch.GetTimestamp();
        await cell.Files.ReadAsync("/work/upload", payload.Length, CancellationToken.None);
        report.Add("download_mb_per_s", payload.Length / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds, "MB/s");

        await bare.RemoveAsync(bareId);
        await cell.StopAsync(CancellationToken.None);
    }
}
