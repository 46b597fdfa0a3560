using System.Globalization;
using OnCell.Journal.Tests.Faults.Disks;
using OnCell.Journal.Tests.Faults.Kills;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults;

/// <summary>
/// The long mode of the fault tests: <c>faults [--kills N] [--cuts N] [--blocks N] [--fans N]</c> prints what was counted and fails unless
/// every count of harm is zero.
/// </summary>
internal static class FaultProgram
{
    private const int JournalsPerProcess = 8;
    private const int KillsPerGroup = 400;
    private const int CutsPerJournal = 100;
    private const int CutsPerBlockDisk = 50;
    private const int FanWidth = 1_000;
    private static int _cutsInRecovery;

    public static async Task<int> RunAsync(string[] args)
    {
        var clean = await ManyAsync("power_cut", Number(args, "--cuts", 1_000), CutsPerJournal, CutAsync)
            & await ControlAsync()
            & await ManyAsync("block_cut", Number(args, "--blocks", 300), CutsPerBlockDisk, BlockCutAsync)
            & await FanOutAsync(Number(args, "--fans", 1_000))
            & await KillsAsync(Number(args, "--kills", 10_000));
        return clean ? 0 : 1;
    }

    private static async Task<bool> ManyAsync(string name, int count, int each, Func<string, int, int, Task<FaultReport>> faults)
    {
        var reports = new List<FaultReport>();
        for (var done = 0; done < count; done += each)
        {
            reports.Add(await InFolderAsync(folder => faults(folder, Math.Min(each, count - done), done)));
            await Console.Error.WriteLineAsync($"{name}s: {reports.Sum(static report => report.Faults)} of {count}");
            if (!reports[^1].IsClean)
                await Console.Error.WriteLineAsync($"seed {done}: {reports[^1]}");
        }

        return Print(name, reports);
    }

    private static bool Print(string name, List<FaultReport> reports)
    {
        Print($"{name}s", reports.Sum(static report => report.Faults));
        if (name == "power_cut")
            Print("power_cuts_in_recovery", _cutsInRecovery);
        Print($"{name}_acknowledged_steps", reports.Sum(static report => report.Acknowledged));
        Print($"{name}_lost_acknowledged_steps", reports.Sum(static report => report.LostSteps));
        Print($"{name}_duplicated_unsafe_effects", reports.Sum(static report => report.DuplicatedEffects));
        Print($"{name}_wrong_runs", reports.Sum(static report => report.WrongRuns + report.MissingEffects + report.ChangedKeys));
        Print($"{name}_quick_check_failures", reports.Sum(static report => report.QuickCheckFailures));
        return reports.TrueForAll(static report => report.IsClean);
    }

    /// <summary>Two groups of journals at a time, each in processes of its own.</summary>
    private static async Task<bool> KillsAsync(int kills)
    {
        var reports = new List<FaultReport>();
        var (processes, whileOpening, next) = (0, 0, 0);
        var groups = (kills + KillsPerGroup - 1) / KillsPerGroup;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var group && group <= groups)
            {
                var (report, killed, opening) = await InFolderAsync(folder => KillAsync(folder, group));
                lock (reports)
                {
                    reports.Add(report);
                    (processes, whileOpening) = (processes + killed, whileOpening + opening);
                    Console.Error.WriteLine($"kills: {reports.Sum(static each => each.Faults)} of {kills}");
                    if (!report.IsClean)
                        Console.Error.WriteLine($"group {group}: {report}");
                }
            }
        })));
        Print("killed_processes", processes);
        Print("killed_processes_while_opening", whileOpening);
        return Print("kill", reports);
    }

    private static async Task<(FaultReport Report, int Processes, int WhileOpening)> KillAsync(string folder, int seed)
    {
        var random = new Random(seed);
        var harness = new KillHarness(folder, JournalsPerProcess);
        for (var i = 0; i < KillsPerGroup / JournalsPerProcess; i++)
            await harness.KillAsync(random, TimeSpan.FromSeconds(2));
        await harness.FinishAsync();
        return (await harness.CheckAsync(), harness.Processes, harness.WhileOpening);
    }

    private static async Task<FaultReport> CutAsync(string folder, int cuts, int seed)
    {
        var harness = new PowerCutHarness(folder, seed, "FULL");
        var report = await harness.RunAsync(cuts);
        _cutsInRecovery += harness.CutsInRecovery;
        return report;
    }

    private static Task<FaultReport> BlockCutAsync(string folder, int cuts, int seed) =>
        new BlockCutHarness(folder, StorageFaults.None).RunAsync(cuts);

    /// <summary>Without a sync at each commit the same cuts must lose steps.</summary>
    private static async Task<bool> ControlAsync()
    {
        var control = await InFolderAsync(folder => new PowerCutHarness(folder, seed: 1, "NORMAL").RunAsync(CutsPerJournal));
        Print("power_cut_control_lost_steps", control.LostSteps);
        return control.LostSteps > 0;
    }

    private static async Task<bool> FanOutAsync(int seeds)
    {
        var wrong = 0;
        for (var seed = 0; seed < seeds; seed++)
            wrong += await InFolderAsync(folder => FanOut.RunAsync(Path.Combine(folder, "journal.db"), seed, FanWidth));
        Print("fan_outs", seeds);
        Print("fan_out_wrong_steps", wrong);
        return wrong == 0;
    }

    private static async Task<T> InFolderAsync<T>(Func<string, Task<T>> work)
    {
        var folder = Directory.CreateTempSubdirectory("oncell-faults-").FullName;
        try
        {
            return await work(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(string name, int count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {count} count"));

    private static int Number(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
    }
}
