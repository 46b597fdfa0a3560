namespace OnCell.Core.Tests.Lifecycle;

/// <summary>An agent whose steps leave marks in the cell, by which is seen how often each ran.</summary>
public class LifecycleAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb", Packages = ["git", "python3"] };

    /// <summary>Three steps; the second waits until the test lets it go on.</summary>
    public async Task<string> MarkAsync(CellContext ctx)
    {
        await ctx.ShellAsync("echo one >> marks").EnsureSuccess();
        await ctx.ShellAsync("echo two >> marks; while [ ! -e go ]; do sleep 0.05; done; echo end >> marks").EnsureSuccess();
        await ctx.ShellAsync("echo three >> marks").EnsureSuccess();
        return (await ctx.ShellAsync("cat marks")).Stdout;
    }

    /// <summary>Catches everything: what it makes of a dead cell must not become the run's result.</summary>
    public async Task<string> SwallowAsync(CellContext ctx)
    {
        try
        {
            return (await ctx.ShellAsync("echo two >> marks; while [ ! -e go ]; do sleep 0.05; done; echo fine")).Stdout;
        }
        catch (Exception)
        {
            return "swallowed";
        }
    }

    public async Task<string> SayAsync(CellContext ctx, string text) => (await ctx.ShellAsync($"printf %s {text}")).Stdout;

    public async Task<string> ShellAsync(CellContext ctx, string line) => (await ctx.ShellAsync(line).EnsureSuccess()).Stdout;

    /// <summary>A command that is not repeated by itself once it began.</summary>
    public async Task<string> OnceAsync(CellContext ctx) => (await ctx.ShellAsync(
        "echo two >> marks; while [ ! -e go ]; do sleep 0.05; done",
        new ShellOptions { Probe = "echo probed >> marks; test -e go" })).Stderr;
}

/// <summary>The same in a cell that is frozen as soon as it idles, and stopped soon after.</summary>
public sealed class IdleAgent : LifecycleAgent
{
    public override CellSpec Cell => base.Cell with { IdleTimeout = TimeSpan.FromMilliseconds(1), StopAfter = TimeSpan.FromSeconds(8) };
}

/// <summary>An agent whose cells keep their processes when they idle for long.</summary>
public sealed class CheckpointAgent : LifecycleAgent
{
    public override CellSpec Cell => base.Cell with
    {
        IdleTimeout = TimeSpan.FromMilliseconds(1),
        StopAfter = TimeSpan.FromMilliseconds(1),
        IdleTier = PauseTier.Checkpointed,
    };

    /// <summary>Leaves a process that counts in memory.</summary>
    public async Task<string> ServeAsync(CellContext ctx)
    {
        await ctx.ShellAsync("(n=0; while :; do n=$((n+1)); echo $n > count.new; mv count.new count; sleep 0.05; done) </dev/null >/dev/null 2>&1 &").EnsureSuccess();
        return "";
    }
}

/// <summary>An agent whose setup waits until the test lets it go on.</summary>
public sealed class SlowSetupAgent : LifecycleAgent
{
    public override async Task SetupAsync(CellContext ctx)
    {
        await ctx.ShellAsync("echo one >> marks").EnsureSuccess();
        await ctx.ShellAsync("echo two >> marks; while [ ! -e go ]; do sleep 0.05; done").EnsureSuccess();
    }
}
