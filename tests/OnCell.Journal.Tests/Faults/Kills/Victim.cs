using System.Diagnostics;
using System.Globalization;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>
/// The process that is killed. On each of its journals it resumes the run it finds open, or starts the next one, until it has
/// done its number of runs. Every run uses every effect class, branches, sub-steps, a signal, memory and a value too large for
/// a row; old runs are pruned and the file is compacted all the while.
/// </summary>
internal static class Victim
{
    public const string KillVariable = "ONCELL_TEST_KILL_AT";
    public const int SerialSteps = 12;
    public const int BranchSteps = 3;
    public const string ResultOf = "[73, 70000, \"go\"]";
    private const int LargeCharacters = 70_000;
    private const int ParentStep = SerialSteps + 4;

    private static readonly StepEffect[] Effects = Enum.GetValues<StepEffect>();

    /// <summary>Runs as <c>victim FOLDER JOURNALS RUNS</c>: the first runs of each journal, or without end.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (folder, journals, runs) = (args[0], Number(args[1]), Number(args[2]));
        Console.WriteLine("opening");
        var options = new JournalOptions { Faults = new StorageFaults { Reached = KillAt(), CheckpointPages = 200 } };
        var opened = await Task.WhenAll(Enumerable.Range(0, journals).Select(i => Task.Run(
            async () => (Journal: await DurableJournal.OpenAsync(JournalOf(folder, i), options), World: WorldOf(folder, i)))));
        Console.WriteLine("ready");
        await Task.WhenAll(opened.Select(each => Task.Run(() => WorkAsync(each.Journal, each.World, runs))));
        return 0;
    }

    public static string JournalOf(string folder, int i) => Path.Combine(folder, $"journal-{i}.db");

    public static World WorldOf(string folder, int i) => new(Path.Combine(folder, $"world-{i}.log"));

    private static async Task WorkAsync(DurableJournal journal, World world, int runs)
    {
        await using var _ = journal;
        while (true)
        {
            var open = await journal.ListRunsAsync(RunFilter.Open, default);

            // How many runs are done is in the journal's memory: exactly once, like the rest.
            var next = await journal.Memory.GetAsync<int>("runs", default);
            if (open.Count == 0 && next >= runs)
                return;
            var id = open.Count > 0 ? open[0].Id : $"run-{next}";
            await using var run = open.Count > 0
                ? await journal.ResumeRunAsync(id, default)
                : await journal.StartRunAsync(new RunStart(id, "victim", "{}", "1"), default);
            using var done = new CancellationTokenSource();
            var person = DecideAsync(journal, id, world, done.Token);
            var upkeep = UpkeepAsync(journal, done.Token);
            await ExecuteAsync(journal, run, world);
            await done.CancelAsync();
            await person;
            await upkeep;
        }
    }

    private static async Task ExecuteAsync(DurableJournal journal, JournalRun run, World world)
    {
        var sum = 0;
        for (var i = 0; i < SerialSteps; i++)
            sum += await StepAsync(run, run, world, $"{i + 1}", i, Effects[i % Effects.Length]);
        var large = await run.StepAsync(Spec(run, world, $"{SerialSteps + 1}", StepEffect.Read, new string('x', LargeCharacters)), default);
        world.Acknowledge(run.Id, $"{SerialSteps + 1}");

        var count = await run.Memory.GetAsync<int>("runs", default);
        await run.Memory.SetAsync("runs", count + 1, default);

        sum += await run.StepAsync(
            new StepSpec<int>
            {
                Kind = "parent",
                Name = "parent",
                Effect = StepEffect.Idempotent,
                Body = async (parent, _) =>
                    await StepAsync(run, parent, world, $"{ParentStep}.1", 0, StepEffect.Unsafe)
                    + await StepAsync(run, parent, world, $"{ParentStep}.2", 1, StepEffect.Read),
            },
            default);
        await journal.SignalAsync(run.Id, "go", "\"go\"", "once", default);
        var signal = await run.WaitForSignalAsync<string>("go", null, default);

        var sums = await Task.WhenAll(new[] { "left", "right" }.Select(async name =>
        {
            var (branch, total) = (run.Branch(name), 0);
            for (var i = 0; i < BranchSteps; i++)
                total += await StepAsync(run, branch, world, $"{name}/{i + 1}", i, Effects[^(i + 1)]);
            return total;
        }));
        sum += sums.Sum();
        await run.CompleteAsync($"[{sum}, {large.Length}, \"{signal.Payload}\"]", default);
        world.Acknowledge(run.Id, "end");
    }

    /// <summary>Prunes without a grace period and compacts, beside the run: its value's file is the one of pruned runs.</summary>
    private static async Task UpkeepAsync(DurableJournal journal, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await journal.PruneAsync(new RetentionPolicy { MaxEndedRuns = 2, ValueFileGrace = TimeSpan.FromSeconds(-1) }, default);
            await journal.CompactAsync(default);
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private static async Task<int> StepAsync(
        JournalRun run, StepScope scope, World world, string position, int value, StepEffect effect)
    {
        var result = await scope.StepAsync(Spec(run, world, position, effect, value), default);
        world.Acknowledge(run.Id, position);
        return result == value ? result : throw new InvalidOperationException($"{position}: {result} instead of {value}");
    }

    private static StepSpec<T> Spec<T>(JournalRun run, World world, string position, StepEffect effect, T value) => new()
    {
        Kind = "work",
        Name = $"{effect} {position}",
        Effect = effect,
        Body = (step, _) =>
        {
            if (effect == StepEffect.Reattach && step.InDoubt && world.HasKey(step.Key))
                step.MarkReattached();
            else
                world.Do(run.Id, position, effect, step.Key);
            return Task.FromResult(value);
        },
        Probe = (_, _) => Task.FromResult(
            world.HasEffect(run.Id, position) ? ProbeResult<T>.Done(value) : ProbeResult<T>.NotDone()),
    };

    /// <summary>The person who is asked about unsafe steps looks at the world.</summary>
    private static async Task DecideAsync(DurableJournal journal, string id, World world, CancellationToken ct)
    {
        try
        {
            await foreach (var entry in journal.ReadEventsAsync(id, 0, ct))
            {
                var parked = entry.Type == JournalEventTypes.StepParked
                    && (await journal.ListStepsAsync(id, ct)).Any(
                        step => step.Position == entry.Position && step.State == StepState.NeedsDecision);
                if (!parked)
                    continue;
                StepDecision decision = world.HasEffect(id, entry.Position)
                    ? new StepDecision.Skip(ValueOf(entry.Position))
                    : new StepDecision.RunAgain();
                await journal.DecideAsync(id, entry.Position, decision, ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is done: nobody needs to be asked any more.
        }
    }

    private static string ValueOf(string position) =>
        (Number(position[(position.LastIndexOfAny(['/', '.']) + 1)..]) - 1).ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Reads <c>POINT:HIT</c>: the process kills itself when it comes to the point for that time.</summary>
    private static Action<ProtocolPoint>? KillAt()
    {
        if (Environment.GetEnvironmentVariable(KillVariable) is not { } text)
            return null;
        var parts = text.Split(':');
        var (point, left) = (Enum.Parse<ProtocolPoint>(parts[0]), Number(parts[1]));
        return reached =>
        {
            if (reached == point && Interlocked.Decrement(ref left) == 0)
            {
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        };
    }
}
