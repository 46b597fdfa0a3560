using System.Diagnostics;
using System.Globalization;
using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>Starts victims on one journal and kills them, then compares the world with what was promised.</summary>
internal sealed class KillHarness(string folder, int runs)
{
    private const int Killed = 137;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly World _world = new(Path.Combine(folder, "world.log"));

    public string Journal { get; } = Path.Combine(folder, "journal.db");

    public int Kills { get; private set; }

    /// <summary>Lets a victim kill itself the n-th time it comes to a point of the protocol.</summary>
    /// <returns>Whether the victim came to the point that often.</returns>
    public async Task<bool> KillAtAsync(ProtocolPoint point, int hit)
    {
        using var victim = Start($"{point}:{hit}");
        return await EndAsync(victim);
    }

    /// <summary>Kills a victim after a moment.</summary>
    /// <returns>Whether it was killed before it was through.</returns>
    public async Task<bool> KillAfterAsync(TimeSpan moment)
    {
        using var victim = Start(killAt: null);
        await victim.StandardOutput.ReadLineAsync();
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < moment && !victim.HasExited)
            Thread.SpinWait(50);
        victim.Kill();
        return await EndAsync(victim);
    }

    /// <summary>Lets a victim do what is left.</summary>
    public async Task FinishAsync()
    {
        using var victim = Start(killAt: null);
        await EndAsync(victim);
    }

    /// <summary>Compares the world with the promise; every count but the first must be zero.</summary>
    public async Task<FaultReport> CheckAsync()
    {
        var lines = _world.Lines();
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

        var once = effects.Where(static effect => effect.Key.Effect is "Reattach" or "Verifiable" or "Unsafe").ToList();
        var keys = lines.Where(static line => line is ["do", _, _, "Idempotent", _]).GroupBy(static line => (line[1], line[2]));
        var unfinished = 0;
        await using (var journal = await DurableJournal.OpenAsync(Journal))
        {
            var done = await journal.ListRunsAsync(new RunFilter { State = RunState.Completed, Limit = int.MaxValue }, default);
            unfinished = runs - done.Count + done.Count(run => run.ResultJson != ResultJson);
            unfinished += await journal.Memory.GetAsync<int>("runs", default) == runs ? 0 : 1;
        }

        return new FaultReport(
            Kills,
            acknowledged.Count,
            lost,
            once.Count(static effect => effect.Value > 1),
            (runs * EffectfulSteps) - once.Count,
            keys.Count(static group => group.Select(static line => line[4]).Distinct().Count() > 1),
            unfinished,
            TestJournal.QuickCheck(Journal) == "ok" ? 0 : 1);
    }

    // Two of each class in the serial part, and each of the last three classes once in both branches.
    private static int EffectfulSteps => (Victim.SerialSteps / 2) + (2 * Victim.BranchSteps);

    private static string ResultJson
    {
        get
        {
            var sum = Enumerable.Range(0, Victim.SerialSteps).Sum() + (2 * Enumerable.Range(0, Victim.BranchSteps).Sum());
            return string.Create(CultureInfo.InvariantCulture, $"[{sum}, 70000]");
        }
    }

    private Process Start(string? killAt)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "victim", Journal, Path.Combine(folder, "world.log"), runs.ToString(CultureInfo.InvariantCulture) },
        };
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
            Kills++;
        return victim.ExitCode == Killed;
    }
}
