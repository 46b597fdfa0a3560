using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>Commands of a calm cell while two others fill their disks, fork without end and ask for all memory.</summary>
internal static class NeighbourBenchmark
{
    private const string DiskFull = "while :; do dd if=/dev/zero of=/work/big bs=1M 2>/dev/null; rm -f /work/big; done";
    private const string ForkBomb = "f() { f | f & }; while :; do f 2>/dev/null; sleep 0.05; done";
    private const string Balloon = "while :; do python3 -c \"b = []\nwhile True: b.append(bytearray(8 << 20))\" 2>/dev/null; sleep 0.05; done";

    private static readonly SandboxResources Attacker = new() { Cpus = 0.5, MemoryBytes = 256L << 20, StorageBytes = 128L << 20, Pids = 256 };

    public static async Task RunAsync(BenchmarkReport report, BenchmarkLab lab, int rounds)
    {
        var calm = await lab.StartAsync("calm");
        var before = await MeasureAsync(calm, rounds);
        var attackers = new List<Task>();
        using var over = new CancellationTokenSource();
        foreach (var id in (string[])["attacker-1", "attacker-2"])
            attackers.Add(AttackAsync(lab, lab.Spec(id) with { Resources = Attacker }, over.Token));
        var during = await MeasureAsync(calm, rounds);
        await over.CancelAsync();
        await Task.WhenAll(attackers);
        report.Add("calm_exec_p99_ms", before.P99, "ms", before.Note + ", nobody else");
        report.Add("attacked_exec_p99_ms", during.P99, "ms", "two neighbours at once: disk full, fork bomb and memory balloon in each, at half a processor each");
        report.AddRatio("attacked_over_calm_p99", during.P99, before.P99, "ms", "the same cell, calm");
        await calm.StopAsync(CancellationToken.None);
    }

    private static async Task<Samples> MeasureAsync(OnCell.Sandboxes.Sandbox cell, int rounds)
    {
        var samples = new Samples();
        for (var round = 0; round < rounds; round++)
            await samples.TimeAsync(() => cell.RunAsync(ExecSpec.Command("/bin/true")));
        return samples;
    }

    // A balloon may end the attacker's whole sandbox: then it attacks again from a new one.
    private static async Task AttackAsync(BenchmarkLab lab, SandboxSpec spec, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await using var cell = await lab.Runtime.StartAsync(spec, CancellationToken.None);
            try
            {
                await Task.WhenAll(((string[])[DiskFull, ForkBomb, Balloon]).Select(line => cell.RunAsync(ExecSpec.Shell(line), null, over)));
            }
            catch (Exception error) when (error is OperationCanceledException or SandboxException)
            {
                // the end of the attack, or of the attacker
            }

            await lab.Runtime.DestroyAsync(spec.Id, CancellationToken.None);
        }
    }
}
