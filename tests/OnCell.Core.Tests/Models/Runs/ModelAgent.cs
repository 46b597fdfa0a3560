using System.ComponentModel;
using Microsoft.Extensions.AI;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Models.Runs;

/// <summary>An agent that asks models, with tools and without.</summary>
public class ModelAgent : Agent
{
    /// <summary>How often the unsafe tool was called, in all runs of the process, by run.</summary>
    public static System.Collections.Concurrent.ConcurrentQueue<string> Calls { get; } = new();

    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb", Packages = ["git", "python3"] };

    public async Task<string> AskAsync(CellContext ctx, string prompt) => (await ctx.LlmAsync(prompt)).Text;

    public async Task<Finding> FindAsync(CellContext ctx, string prompt) => await ctx.LlmAsync<Finding>(prompt, new() { MaxOutputTokens = 100, Timeout = TimeSpan.FromMinutes(30) });

    /// <summary>Lets the model work in the cell.</summary>
    public async Task<string> WorkAsync(CellContext ctx, string prompt)
    {
        await ctx.ShellAsync("echo before >> marks").EnsureSuccess();
        var result = await ctx.LlmAsync(prompt, new()
        {
            Tools = [ctx.Tools.Shell, ctx.Tools.Search, .. ctx.Tools.Files, Never(), Twice(ctx)],
            ToolTimeout = TimeSpan.FromSeconds(60),
            MaxToolRounds = 8,
        });
        await ctx.ShellAsync("echo after >> marks").EnsureSuccess();
        return $"{result.Text}|{result.ToolCalls}|{result.InputTokens}|{result.OutputTokens}";
    }

    /// <summary>Tools that go wrong.</summary>
    public async Task<string> BadAsync(CellContext ctx, string prompt) => (await ctx.LlmAsync(prompt, new()
    {
        Tools = [ctx.Tools.Shell, Never(), Twice(ctx)],
        ToolTimeout = TimeSpan.FromMilliseconds(300),
        MaxToolRounds = 8,
    })).Text;

    public async Task<string> EndlessAsync(CellContext ctx, string prompt) =>
        (await ctx.LlmAsync(prompt, new() { Tools = [Twice(ctx)], MaxToolRounds = 2 })).Text;

    private static AIFunction Never() => AIFunctionFactory.Create(
        async () =>
        {
            await new TaskCompletionSource().Task; // it does not even look at a token
            return "never";
        },
        "never", "Never returns.");

    /// <summary>A function of the author's over the context: its steps lie below the call's.</summary>
    private static AIFunction Twice(CellContext ctx) => CellTools.WithEffect(
        AIFunctionFactory.Create(
            async ([Description("A number.")] int number) =>
            {
                Calls.Enqueue(ctx.RunId);
                var one = await ctx.ShellAsync($"echo {number}");
                var two = await ctx.ShellAsync($"echo $(({number} * 2))".ToString());
                return one.Stdout.Trim() + " " + two.Stdout.Trim();
            },
            "twice", "Doubles a number."),
        StepEffect.Idempotent);

    public sealed record Finding(string Path, int Line);
}

/// <summary>The same in cells that may reach nothing outside this host.</summary>
public sealed class AirGappedAgent : ModelAgent
{
    public override CellSpec Cell => base.Cell with { Network = new() { AirGapped = true } };

    public async Task<string> AskForAsync(CellContext ctx, string prompt, string model) => (await ctx.LlmAsync(prompt, new() { Model = model })).Text;

    public async Task<Finding> FindLocalAsync(CellContext ctx, string prompt) => await ctx.LlmAsync<Finding>(prompt, Few(60));

    public async Task<string> ShortAsync(CellContext ctx, string prompt) => (await ctx.LlmAsync(prompt, Few(24))).Text;

    public async Task<string> LongAsync(CellContext ctx, string prompt) => (await ctx.LlmAsync(prompt, Few(48))).Text;

    /// <summary>Tries to reach an address as any program in the cell would.</summary>
    public async Task<string> FetchAsync(CellContext ctx, string address)
    {
        const string program = "import sys,urllib.request; print(urllib.request.urlopen(sys.argv[1], b'{}', timeout=20).read())";
        var result = await ctx.ShellAsync($"python3 -c {program} {address}");
        return result.Stdout + result.Stderr;
    }

    private static LlmOptions Few(int tokens) => new() { Model = "tiny", MaxOutputTokens = tokens, Temperature = 0, Timeout = TimeSpan.FromMinutes(30) };
}
