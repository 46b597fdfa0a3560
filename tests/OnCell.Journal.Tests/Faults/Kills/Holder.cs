namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>A process that holds a journal and a run, and does a step for each line it is given.</summary>
internal static class Holder
{
    /// <summary>Runs as <c>holder JOURNAL</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        await using var journal = await DurableJournal.OpenAsync(args[0]);
        await using var run = await journal.StartRunAsync(new RunStart("held", "holder", "{}", "1"), default);
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            try
            {
                var spec = new StepSpec<int>
                {
                    Kind = "work",
                    Name = "step",
                    Effect = StepEffect.Idempotent,
                    Body = static (_, _) => Task.FromResult(1),
                };
                await run.StepAsync(spec, default);
                Console.WriteLine("done");
            }
            catch (JournalException error)
            {
                Console.WriteLine(error.GetType().Name);
            }
        }

        return 0;
    }
}
