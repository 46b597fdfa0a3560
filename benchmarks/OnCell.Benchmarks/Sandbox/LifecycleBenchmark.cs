using System.Diagnostics;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>Create, stop, wake, freeze, thaw and attach, turn by turn with bare <c>runsc run</c>.</summary>
internal static class LifecycleBenchmark
{
    /// <summary>Rounds that are not measured: a service that has been up for a while no longer compiles its own code beside a start.</summary>
    private const int WarmUps = 4;

    public static async Task RunAsync(BenchmarkReport report, BenchmarkLab lab, BenchmarkLab pooled, BareRunsc bare, int rounds)
    {
        var (create, stop, wake, join, firstExec, runsc, attach) =
            (new Samples(), new Samples(), new Samples(), new Samples(), new Samples(), new Samples(), new Samples());
        for (var round = 0; round < WarmUps + rounds; round++)
        {
            if (round == WarmUps)
                (create, stop, wake, join, firstExec, runsc, attach) = (new(), new(), new(), new(), new(), new(), new());
            var id = $"life-{round}";
            OnCell.Sandboxes.Sandbox? cell = null;
            await create.TimeAsync(async () => cell = await lab.StartAsync(id));
            await firstExec.TimeAsync(() => BenchmarkLab.ShellAsync(cell!, "true"));
            await stop.TimeAsync(() => cell!.StopAsync(CancellationToken.None));
            await wake.TimeAsync(async () => cell = await lab.StartAsync(id));

            await cell!.DisposeAsync();
            await attach.TimeAsync(async () => cell = await lab.Runtime.AttachAsync(lab.Spec(id), CancellationToken.None));
            await cell.StopAsync(CancellationToken.None);

            if (round == 0)
                await (await pooled.StartAsync("pooled")).StopAsync(CancellationToken.None); // makes the volume
            await pooled.Runtime.WarmAsync(pooled.Spec("pooled").Resources, CancellationToken.None);
            await join.TimeAsync(async () => cell = await pooled.StartAsync("pooled"));
            await pooled.Runtime.WarmAsync(pooled.Spec("pooled").Resources, CancellationToken.None);
            await cell.StopAsync(CancellationToken.None);

            var (bareId, milliseconds) = await bare.RunAsync();
            runsc.Add(milliseconds);
            await bare.RemoveAsync(bareId);
        }

        report.Add("create_ms", create.Median, "ms", create.Note + ", a new 4 GiB volume included");
        report.Add("first_exec_ms", firstExec.Median, "ms", "the first command of a fresh cell");
        report.Add("stop_ms", stop.Median, "ms", "guest ended, sandbox gone, volume unmounted");
        report.Add("wake_stopped_ms", join.Median, "ms", join.Note + ", to the guest's first word, from the warm pool");
        report.Add("wake_stopped_no_pool_ms", wake.Median, "ms", "the same without a warm pool");
        report.Add("attach_ms", attach.Median, "ms", "a new service process takes a running cell over");
        report.Add("runsc_run_ms", runsc.Median, "ms", "bare 'runsc run -detach'");
        report.AddRatio("wake_stopped_over_runsc_run", join.Median, runsc.Median, "ms", "bare runsc run");
        report.AddRatio("wake_stopped_no_pool_over_runsc_run", wake.Median, runsc.Median, "ms", "bare runsc run");
        await FreezeAsync(report, lab, rounds * 4);
    }

    private static async Task FreezeAsync(BenchmarkReport report, BenchmarkLab lab, int rounds)
    {
        var cell = await lab.StartAsync("frozen");
        var (freeze, thaw) = (new Samples(), new Samples());
        for (var round = 0; round < rounds; round++)
        {
            await freeze.TimeAsync(() => cell.FreezeAsync(CancellationToken.None));
            var start = Stopwatch.GetTimestamp();
            await cell.ThawAsync(CancellationToken.None);
            await cell.FindExecAsync("nothing", CancellationToken.None);
            thaw.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        report.Add("freeze_ms", freeze.Median, "ms", freeze.Note);
        report.Add("thaw_ms", thaw.Median, "ms", "to the guest's first answer");
        report.Add("thaw_p99_ms", thaw.P99, "ms");
        await cell.StopAsync(CancellationToken.None);
    }
}
