using OnCell.Journal.Tests.Faults.Kills;

namespace OnCell.Journal.Tests.Faults;

/// <summary>The long mode of the fault tests: <c>faults --kills N --cuts N</c> prints what was counted.</summary>
internal static class FaultProgram
{
    private const int KillsPerJournal = 100;

    public static async Task<int> RunAsync(string[] args)
    {
        var kills = Number(args, "--kills", 10_000);
        var clean = true;
        var reports = new List<FaultReport>();
        for (var done = 0; done < kills; done += KillsPerJournal)
        {
            reports.Add(await KillAsync(Math.Min(KillsPerJournal, kills - done), seed: done));
            await Console.Error.WriteLineAsync($"kills {done + KillsPerJournal}: {reports[^1]}");
        }

        clean &= Print("kill", reports);
        return clean ? 0 : 1;
    }

    private static async Task<FaultReport> KillAsync(int kills, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("oncell-kills-").FullName;
        try
        {
            var random = new Random(seed);
            var harness = new KillHarness(folder, runs: kills * 4);
            while (harness.Kills < kills && await harness.KillAfterAsync(TimeSpan.FromMilliseconds(random.NextDouble() * 150)))
            {
            }

            await harness.FinishAsync();
            return await harness.CheckAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Print(string name, List<FaultReport> reports)
    {
        Console.WriteLine($"{name}s {reports.Sum(static report => report.Faults)} count");
        Console.WriteLine($"{name}_acknowledged_steps {reports.Sum(static report => report.Acknowledged)} count");
        Console.WriteLine($"{name}_lost_acknowledged_steps {reports.Sum(static report => report.LostSteps)} count");
        Console.WriteLine($"{name}_duplicated_unsafe_effects {reports.Sum(static report => report.DuplicatedEffects)} count");
        Console.WriteLine($"{name}_quick_check_failures {reports.Sum(static report => report.QuickCheckFailures)} count");
        return reports.TrueForAll(static report => report.IsClean);
    }

    private static int Number(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? otherwise : int.Parse(args[at + 1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
