using OnCell.Journaling;

namespace OnCell.Testing.Tests;

/// <summary>Does one of everything that a context offers.</summary>
public sealed class PlainAgent(TimeProvider time) : Agent
{
    public override CellSpec Cell => new();

    public override async Task SetupAsync(CellContext ctx)
    {
        await ctx.ShellAsync($"git clone {ctx.Config["repoUrl"]} /work").EnsureSuccess();
        await ctx.IndexAsync();
    }

    /// <summary>Every kind of step once.</summary>
    public async Task<Report> EverythingAsync(CellContext ctx, string text)
    {
        var count = await ctx.Memory.GetAsync<int>("count") + 1;
        await ctx.Memory.SetAsync("count", count);
        await ctx.Memory.SetAsync("left over", 1);
        await ctx.Memory.DeleteAsync("left over");
        await ctx.Files.WriteAsync("note.txt", text);
        await ctx.Files.MoveAsync("note.txt", "first.txt");
        await ctx.ShellAsync($"append {ctx.NewGuid()} {ctx.NewRandom().Next()}").EnsureSuccess();
        var answer = await ctx.LlmAsync($"Say {text}");
        var hits = await ctx.SearchAsync("greeting");
        var branches = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => ctx.BranchAsync($"part-{i}", async branch =>
        {
            await branch.ShellAsync($"append {i}-first");
            await branch.ShellAsync($"append {i}-second");
            return (await branch.NowAsync()).Year + i - (await branch.NowAsync()).Year;
        })));
        var paid = await ctx.StepAsync("pay", StepEffect.Verifiable, async (step, token) =>
        {
            step.SetMemory("receipt", "\"paid\"");
            await Task.Delay(TimeSpan.FromMilliseconds(1), time, token);
            return "paid";
        }, new() { Probe = (_, _) => Task.FromResult(ProbeResult<string>.NotDone()), Arguments = new Dictionary<string, string> { ["sum"] = "3" } });
        await ctx.DelayAsync(TimeSpan.FromMilliseconds(1));
        ctx.Logger.Equals(this);
        return new(count, answer.Text, hits.Count, branches, paid, (await ctx.Files.ReadTextAsync("first.txt"))!, await ctx.Memory.KeysAsync());
    }

    /// <summary>What must not pass unseen: something that is other each time decides about a step.</summary>
    public async Task<string> DriftAsync(CellContext ctx)
    {
        var first = await ctx.ShellAsync($"append {Guid.NewGuid()}");
        var second = await ctx.ShellAsync("append last");
        return first.Command + second.Command;
    }

    /// <summary>Keeps what cannot be kept.</summary>
    public Task KeepAsync(CellContext ctx, string what) => what switch
    {
        "cycle" => ctx.Memory.SetAsync("cycle", new Cycle()),
        "delegate" => ctx.Memory.SetAsync("delegate", new { Do = (Action)(() => { }) }),
        "large" => ctx.Memory.SetAsync("large", new string('x', 2 << 20)),
        "key" => ctx.Memory.SetAsync(new string('k', 2_000), 1),
        _ => MismatchAsync(ctx),
    };

    public async Task<string> WaitAsync(CellContext ctx) =>
        (await ctx.WaitForSignalAsync<int>("number", TimeSpan.FromMinutes(5))).Payload.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static async Task MismatchAsync(CellContext ctx)
    {
        await ctx.Memory.SetAsync("words", "text");
        await ctx.Memory.GetAsync<int>("words");
    }

    public sealed record Report(
        int Count, string Answer, int Hits, IReadOnlyList<int> Branches, string Paid, string Note, IReadOnlyList<string> Keys);

    private sealed class Cycle
    {
        public Cycle Self => this;
    }
}
