using System.Diagnostics;

namespace OnCell.Benchmarks.Agents;

/// <summary>Does one kind of step many times and returns how long each took.</summary>
public sealed class StepAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-1gb", Storage = "1gb", Packages = ["git", "python3"] };

    public Task<double[]> ShellAsync(CellContext ctx, int count) => TimeAsync(count, () => ctx.ShellAsync("true").AsTask());

    public Task<double[]> ModelAsync(CellContext ctx, int count) => TimeAsync(count, () => ctx.LlmAsync("hello"));

    public Task<double[]> MemoryAsync(CellContext ctx, int count) => TimeAsync(count, () => ctx.Memory.SetAsync("n", count));

    public Task<double[]> ReadAsync(CellContext ctx, int count) => TimeAsync(count, () => ctx.Files.ReadTextAsync("readme"));

    /// <summary>Timing is no step: a run that is executed again would give other numbers. A benchmark's run is not.</summary>
    private static async Task<double[]> TimeAsync(int count, Func<Task> step)
    {
        var samples = new double[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await step();
            samples[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return samples;
    }
}
