using System.Diagnostics;
using OnCell.Journaling;

namespace OnCell.Benchmarks.Journal;

/// <summary>The run and the step that are measured, and how.</summary>
internal static class JournalWork
{
    public static Task<JournalRun> StartAsync(DurableJournal journal, string id) =>
        journal.StartRunAsync(new RunStart(id, "bench", "{}", "1"), default);

    /// <summary>Does steps one after another.</summary>
    /// <returns>Microseconds of each.</returns>
    public static async Task<double[]> MeasureAsync(JournalRun run, StepEffect effect, int count)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await run.StepAsync(Step(effect), default);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        return times;
    }

    public static StepSpec<string> Step(StepEffect effect) => new()
    {
        Kind = "shell",
        Name = "npm test",
        Arguments = [new StepArgument("command", "npm test")],
        Effect = effect,
        Body = static (_, _) => Task.FromResult("12 tests passed"),
    };

    public static double Percentile(List<double> values, double part)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)(values.Count * part))];
    }
}
