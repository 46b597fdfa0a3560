using System.Diagnostics;
using System.Globalization;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>
/// The process that is killed: it resumes the run it finds open, or starts the next one, until it has done its number of
/// runs. Every run uses every effect class, branches, memory and a value too large for a row.
/// </summary>
internal static class Victim
{
    public const string KillVariable = "ONCELL_TEST_KILL_AT";
    public const int SerialSteps = 12;
    public const int BranchSteps = 3;
    private const int LargeCharacters = 70_000;

    private static readonly StepEffect[] Effects = Enum.GetValues<StepEffect>();

    /// <summary>Runs as <c>victim JOURNAL WORLD RUNS</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (path, world, runs) = (args[0], new World(args[1]), int.Parse(args[2], CultureInfo.InvariantCulture));
        var options = new JournalOptions { Faults = new StorageFaults { Reached = KillAt() } };
        await using var journal = await DurableJournal.OpenAsync(path, options);
        Console.WriteLine("ready");
        for (var i = 0; i < runs; i++)
        {
            var id = $"run-{i}";
            var info = await journal.GetRunAsync(id, default);
            if (info is { IsOpen: false })
                continue;
            await using var run = info is null
                ? await journal.StartRunAsync(new RunStart(id, "victim", "{}", "1"), default)
                : await journal.ResumeRunAsync(id, default);
            using var done = new CancellationTokenSource();
            var person = DecideAsync(journal, id, world, done.Token);
            await ExecuteAsync(run, world);
            await done.CancelAsync();
            await person;
        }

        return 0;
    }

    private static async Task ExecuteAsync(JournalRun run, World world)
    {
        var sum = 0;
        for (var i = 0; i < SerialSteps; i++)
            sum += await StepAsync(run, run, world, $"{i + 1}", i, Effects[i % Effects.Length]);
        var large = await run.StepAsync(Spec(run, world, $"{SerialSteps + 1}", StepEffect.Read, new string('x', LargeCharacters)), default);
        world.Acknowledge(run.Id, $"{SerialSteps + 1}");

        var count = await run.Memory.GetAsync<int>("runs", default);
        await run.Memory.SetAsync("runs", count + 1, default);

        var sums = await Task.WhenAll(new[] { "left", "right" }.Select(async name =>
        {
            var (branch, total) = (run.Branch(name), 0);
            for (var i = 0; i < BranchSteps; i++)
                total += await StepAsync(run, branch, world, $"{name}/{i + 1}", i, Effects[^(i + 1)]);
            return total;
        }));
        await run.CompleteAsync($"[{sum + sums.Sum()}, {large.Length}]", default);
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
        (int.Parse(position[(position.IndexOf('/', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture) - 1)
        .ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads <c>POINT:HIT</c>: the process kills itself when it comes to the point for that time.</summary>
    private static Action<ProtocolPoint>? KillAt()
    {
        if (Environment.GetEnvironmentVariable(KillVariable) is not { } text)
            return null;
        var parts = text.Split(':');
        var (point, left) = (Enum.Parse<ProtocolPoint>(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture));
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
