using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>How fast the output of a command comes out, in turn with <c>runsc exec</c> writing to a pipe of this program.</summary>
internal static class OutputBenchmark
{
    private const int Megabytes = 512;
    private const int Rounds = 5;
    private const string Command = "dd if=/dev/zero bs=1M count=512 2>/dev/null";

    public static async Task RunAsync(BenchmarkReport report, OnCell.Sandboxes.Sandbox cell, BareRunsc bare, string bareId)
    {
        var (ours, runsc) = (new Samples(), new Samples());
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = 0L;
            await ours.TimeAsync(() => cell.RunAsync(
                ExecSpec.Shell(Command) with { MaxOutputBytes = 1 << 20 }, piece => bytes += piece.Data.Length));
            if (bytes != (long)Megabytes << 20)
                throw new InvalidOperationException($"{bytes} bytes came of {Megabytes} MiB");
            runsc.Add(await bare.OutputAsync(bareId, Command, (long)Megabytes << 20));
        }

        report.Add("stdout_mb_per_s", Rate(ours), "MB/s", $"{ours.Note}, {Megabytes} MiB of a command's output each");
        report.Add("runsc_exec_stdout_mb_per_s", Rate(runsc), "MB/s", "the same by 'runsc exec', which hands the command this program's pipe");
        report.AddRatio("stdout_over_runsc_exec", Rate(ours), Rate(runsc), "MB/s", "runsc exec");

        static double Rate(Samples samples) => ((long)Megabytes << 20) / 1e3 / samples.Median;
    }
}
