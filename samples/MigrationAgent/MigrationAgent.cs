using CodingSample;
using Microsoft.Extensions.Options;
using OnCell;

namespace MigrationSample;

/// <summary>Changes a whole project in parts: plans them, then edits, tests and repairs each in a loop, within a budget of model calls.</summary>
/// <remarks>Each part that passes the tests is a commit. When the budget ends, what passed is pushed and the rest is named.</remarks>
public sealed class MigrationAgent(IOptions<CodingAgentOptions> options) : Agent
{
    private readonly CodingAgentOptions _options = options.Value;

    /// <inheritdoc/>
    public override CellSpec Cell => _options.ToCell();

    /// <summary>Clones and indexes the repository, once per customer.</summary>
    public override async Task SetupAsync(CellContext ctx)
    {
        await new WorkingTree(ctx).CloneAsync(ctx.Config["repoUrl"]);
        await ctx.IndexAsync();
    }

    /// <summary>Migrates.</summary>
    /// <param name="ctx">The cell.</param>
    /// <param name="goal">What is to be other afterwards.</param>
    /// <param name="budget">How many model calls it may take, 2 to 500.</param>
    /// <exception cref="CodingTaskException">Not even the first part passed the tests; nothing was pushed.</exception>
    public async Task<MigrationOutcome> MigrateAsync(CellContext ctx, string goal, int budget = 40)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(budget, 500);
        var tree = new WorkingTree(ctx);
        await tree.ResetAsync();
        await ctx.IndexAsync();
        var plan = await ctx.LlmAsync<MigrationPlan>(
            MigrationPrompts.Plan(goal, await tree.ListAsync()), new() { System = Prompts.System, Context = await ctx.SearchAsync(goal) });
        var state = new Progress("oncell/" + Slug.Of(plan.Title), budget - 1);

        foreach (var part in plan.Parts)
        {
            if (!await DoPartAsync(ctx, tree, goal, part, state))
            {
                await ctx.ShellAsync("git checkout --quiet --force HEAD && git clean -fdq").EnsureSuccess();
                break;
            }
        }

        if (state.Commits.Count == 0)
            throw new CodingTaskException($"No part of the migration passed the tests within {budget} model calls; nothing was pushed.\n{state.Failure}");
        await tree.PushAsync();
        return new(state.Branch, state.Commits, state.Repairs, budget - state.CallsLeft,
            [.. plan.Parts.Skip(state.Commits.Count).Select(p => p.Title)]);
    }

    /// <returns>Whether the part passed the tests and is committed.</returns>
    private async Task<bool> DoPartAsync(CellContext ctx, WorkingTree tree, string goal, MigrationPart part, Progress state)
    {
        var touched = new SortedSet<string>(StringComparer.Ordinal);
        ChangeSet? change = null;
        string? failure = null;
        while (state.CallsLeft > 0)
        {
            state.CallsLeft--;
            if (change is not null) state.Repairs++;
            var sources = await tree.ReadAsync(part.Files.Union(touched));
            change = await ctx.LlmAsync<ChangeSet>(
                MigrationPrompts.Edit(goal, part, sources, change, failure), new() { System = Prompts.System });
            failure = await TryAsync(ctx, tree, change, touched);
            if (failure is null)
            {
                state.Commits.Add(await tree.CommitAsync(state.Branch, part.Title, touched));
                return true;
            }

            state.Failure = failure;
        }

        return false;
    }

    private async Task<string?> TryAsync(CellContext ctx, WorkingTree tree, ChangeSet change, SortedSet<string> touched)
    {
        var misfits = await tree.ApplyAsync(change, touched);
        if (misfits.Count > 0)
            return "Nothing was written, because some edits do not fit:\n" + string.Join('\n', misfits);
        var tests = await ctx.ShellAsync(ctx.Config["testCommand"], new() { Timeout = _options.TestTimeout });
        return tests.Failed ? Prompts.Failure(tests) : null;
    }

    /// <summary>How far it is. Made anew by each execution out of the same answers.</summary>
    private sealed class Progress(string branch, int calls)
    {
        public string Branch { get; } = branch;

        public List<string> Commits { get; } = [];

        public int CallsLeft { get; set; } = calls;

        public int Repairs { get; set; }

        public string? Failure { get; set; }
    }
}
