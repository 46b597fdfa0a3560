using System.Diagnostics;
using System.Globalization;
using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>
/// Starts victims on some journals and kills them, then compares the world with what was promised. One victim works on all
/// journals at once, so one SIGKILL meets each of them at another point.
/// </summary>
internal sealed class KillHarness(string folder, int journals = 1)
{
    private const int Killed = 137;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // Two of each class in the serial part, each of the last three classes once in both branches, and the sub-step.
    private const int EffectfulSteps = (Victim.SerialSteps / 2) + (2 * Victim.BranchSteps) + 1;

    /// <summary>Gets how many victims were killed.</summary>
    public int Processes { get; private set; }

    /// <summary>Gets how many of them were killed before all their journals were open.</summary>
    public int WhileOpening { get; private set; }

    /// <summary>Lets a victim kill itself the n-th time it comes to a point of the protocol.</summary>
    /// <returns>Whether the victim came to the point that often.</returns>
    public async Task<bool> KillAtAsync(ProtocolPoint point, int hit)
    {
        using var victim = Start($"{point}:{hit}", int.MaxValue);
        return await EndAsync(victim);
    }

    /// <summary>Kills a victim a moment after it began to open its journals, one time in four, or after it has opened them.</summary>
    public async Task KillAsync(Random random, TimeSpan longest)
    {
        using var victim = Start(killAt: null, int.MaxValue);
        await victim.StandardOutput.ReadLineAsync();
        var ready = victim.StandardOutput.ReadLineAsync();
        if (random.Next(4) > 0)
            await ready;

        // Often in the first steps, now and then after a few runs.
        await Task.Delay(Math.Pow(random.NextDouble(), 2) * longest);
        victim.Kill();
        WhileOpening += ready.IsCompletedSuccessfully && ready.Result is not null ? 0 : 1;
        await EndAsync(victim);
    }

    /// <summary>Lets a victim end the runs that are begun.</summary>
    public async Task FinishAsync()
    {
        using var victim = Start(killAt: null, 1);
        await EndAsync(victim);
    }

    /// <summary>Compares the worlds with the promise; every count but the first two must be zero.</summary>
    public async Task<FaultReport> CheckAsync()
    {
        var report = new FaultReport(0, 0, 0, 0, 0, 0, 0, 0);
        for (var i = 0; i < journals; i++)
            report += await CheckAsync(Victim.JournalOf(folder, i), Victim.WorldOf(folder, i).Lines());
        return report;
    }

    private async Task<FaultReport> CheckAsync(string path, List<string[]> lines)
    {
        var acknowledged = new HashSet<(string, string)>();
        var (lost, effects) = (0, new Dictionary<(string Run, string Position, string Effect), int>());
        foreach (var line in lines)
        {
            var step = (line[1], line[2]);
            if (line[0] == "ack")
                acknowledged.Add(step);
            else if (acknowledged.Contains(step))
                lost++;
            if (line[0] == "do")
            {
                var key = (line[1], line[2], line[3]);
                effects[key] = effects.GetValueOrDefault(key) + 1;
            }
        }

        var runs = lines.Select(static line => line[1]).Distinct().Count();
        var once = effects.Where(static effect => effect.Key.Effect is "Reattach" or "Verifiable" or "Unsafe").ToList();
        var keys = lines.Where(static line => line is ["do", _, _, "Idempotent", _]).GroupBy(static line => (line[1], line[2]));
        int wrong;
        await using (var journal = await DurableJournal.OpenAsync(path))
        {
            // Most runs are pruned: that every run ended is in the world and in the journal's memory.
            var kept = await journal.ListRunsAsync(null, default);
            wrong = kept.Count(static run => run.State != RunState.Completed || run.ResultJson != Victim.ResultOf);
            wrong += await journal.Memory.GetAsync<int>("runs", default) == runs ? 0 : 1;
            wrong += runs - acknowledged.Select(static step => step.Item1).Distinct().Count();
        }

        return new FaultReport(
            Processes,
            acknowledged.Count,
            lost,
            once.Count(static effect => effect.Value > 1),
            (runs * EffectfulSteps) - once.Count,
            keys.Count(static group => group.Select(static line => line[4]).Distinct().Count() > 1),
            wrong,
            TestJournal.QuickCheck(path) == "ok" ? 0 : 1);
    }

    private Process Start(string? killAt, int runs)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "victim", folder, journals.ToString(CultureInfo.InvariantCulture), runs.ToString(CultureInfo.InvariantCulture),
            },
        };

        // A victim lives for a tenth of a second: what is compiled for speed would be compiled in vain.
        start.Environment["DOTNET_TieredPGO"] = "0";
        if (killAt is not null)
            start.Environment[Victim.KillVariable] = killAt;
        return Process.Start(start)!;
    }

    private async Task<bool> EndAsync(Process victim)
    {
        var complaint = victim.StandardError.ReadToEndAsync();
        await victim.WaitForExitAsync().WaitAsync(Patience);
        if (victim.ExitCode is not (0 or Killed))
            throw new InvalidOperationException($"the victim ended with {victim.ExitCode}: {await complaint}");
        if (victim.ExitCode == Killed)
            Processes++;
        return victim.ExitCode == Killed;
    }
}
