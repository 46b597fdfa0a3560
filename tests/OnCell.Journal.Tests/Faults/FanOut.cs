using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Faults;

/// <summary>Many steps at once, ended in any order, some of them not at all before the process is gone.</summary>
internal static class FanOut
{
    /// <summary>Runs one seed.</summary>
    /// <returns>Steps that were done again though they had been acknowledged, or that returned another step's result.</returns>
    public static async Task<int> RunAsync(string path, int seed, int width)
    {
        var random = new Random(seed);
        var order = Enumerable.Range(0, width).ToArray();
        random.Shuffle(order);
        var ended = random.Next(width + 1);
        var gates = Enumerable.Range(0, width).Select(_ => new TaskCompletionSource()).ToArray();
        var acknowledged = new bool[width];

        await using (var journal = await DurableJournal.OpenAsync(path))
        {
            var run = await journal.StartRunAsync(new RunStart($"fan-{seed}", "fan", "{}", "1"), default);
            var steps = Enumerable.Range(0, width).Select(i => run.StepAsync(
                Step.Async(StepEffect.Idempotent, async (_, ct) =>
                {
                    await gates[i].Task.WaitAsync(ct);
                    return i;
                }), default)).ToArray();
            foreach (var i in order.AsSpan(0, ended))
                gates[i].SetResult();
            foreach (var i in order[..ended])
                acknowledged[i] = await steps[i] == i;
        }

        var wrong = 0;
        await using var reopened = await DurableJournal.OpenAsync(path);
        await using var resumed = await reopened.ResumeRunAsync($"fan-{seed}", default);
        var results = await Task.WhenAll(Enumerable.Range(0, width).Select(i => resumed.StepAsync(
            Step.Async(StepEffect.Idempotent, async (_, _) =>
            {
                await Task.Yield();
                if (acknowledged[i])
                    Interlocked.Increment(ref wrong);
                return i;
            }), default)));
        await resumed.CompleteAsync("1", default);
        return wrong + results.Where((result, i) => result != i).Count();
    }
}
