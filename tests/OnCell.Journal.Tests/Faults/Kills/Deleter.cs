namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>
/// A process that is killed while it starts, ends and deletes a run of the same id over and over, with a value in a file; each
/// key of a step is written down outside.
/// </summary>
internal static class Deleter
{
    /// <summary>How many steps a run has, so that its deletion is of many pages.</summary>
    public const int Steps = 60;

    /// <summary>Runs as <c>deleter FOLDER</c>, until it is killed.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (path, world) = (Path.Combine(args[0], "journal.db"), new World(Path.Combine(args[0], "world.log")));
        await using var journal = await DurableJournal.OpenAsync(path);
        Console.WriteLine("ready");
        while (true)
        {
            if (await journal.GetRunAsync("same", default) is { IsOpen: false })
                await journal.DeleteRunAsync("same", default);
            var started = await journal.StartRunAsync(new RunStart("same", "deleter", "{}", "1"), default);
            await using var run = started.Created ? started : await journal.ResumeRunAsync("same", default);
            await Task.WhenAll(Enumerable.Range(0, Steps).Select(i => run.StepAsync(Spec(world, i), default)));
            await run.CompleteAsync("1", default);
            await journal.DeleteRunAsync("same", default);
            await journal.PruneAsync(new RetentionPolicy { ValueFileGrace = TimeSpan.FromSeconds(-1) }, default);
        }
    }

    private static StepSpec<string> Spec(World world, int i) => new()
    {
        Kind = "work",
        Name = $"step {i}",
        Effect = StepEffect.Idempotent,
        Body = (step, _) =>
        {
            world.Do("same", step.Position, StepEffect.Idempotent, step.Key);
            return Task.FromResult(new string('x', i == 0 ? 70_000 : 500));
        },
    };
}
