using Microsoft.Extensions.Options;
using OnCell;

namespace CodingSample;

/// <summary>Turns an instruction into a tested commit on a branch of the customer's repository.</summary>
/// <remarks>
/// Each <c>await</c> on the context is a durable step. The code between two of them may run again after a restart and so
/// must come out the same: it takes time, chance and the outside world from the context alone.
/// </remarks>
public sealed class CodingAgent(IOptions<CodingAgentOptions> options) : Agent
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

    /// <summary>Plans, edits, tests, corrects, commits and pushes.</summary>
    /// <exception cref="CodingTaskException">No attempt passed the project's own tests.</exception>
    public async Task<TaskOutcome> TaskAsync(CellContext ctx, string instruction)
    {
        var tree = new WorkingTree(ctx);
        await tree.ResetAsync();
        await ctx.IndexAsync();

        var hits = await ctx.SearchAsync(instruction);
        var plan = await ctx.LlmAsync<Plan>(
            Prompts.Plan(instruction, await tree.ListAsync()), new() { System = Prompts.System, Context = hits });
        var sources = await tree.ReadAsync(plan.Files);
        var change = await ctx.LlmAsync<ChangeSet>(
            Prompts.Edit(instruction, plan, sources), new() { System = Prompts.System });

        var touched = new SortedSet<string>(StringComparer.Ordinal);
        for (var attempt = 1; ; attempt++)
        {
            var failure = await TryAsync(ctx, tree, change, touched);
            if (failure is null)
                return await DeliverAsync(tree, plan, change, touched, attempt);
            if (attempt == _options.MaxAttempts)
                throw new CodingTaskException($"Attempt {attempt} of {_options.MaxAttempts} failed too; nothing was pushed.\n{failure}");

            sources = await tree.ReadAsync(plan.Files.Union(touched));
            change = await ctx.LlmAsync<ChangeSet>(
                Prompts.Correct(instruction, change, sources, failure), new() { System = Prompts.System });
        }
    }

    /// <summary>Runs the project's tests on a fresh clone of a branch, as a reviewer would.</summary>
    public async Task<VerifyOutcome> VerifyAsync(CellContext ctx, string branch)
    {
        await Network.RetryAsync(() => ctx.ShellAsync(
            $"rm -rf /tmp/verify && git clone --quiet --branch {branch} {ctx.Config["repoUrl"]} /tmp/verify"));
        var tests = await ctx.ShellAsync(
            ctx.Config["testCommand"], new() { WorkingDirectory = "/tmp/verify", Timeout = _options.TestTimeout });
        return new(!tests.Failed, tests.Stdout.TrimEnd().Split('\n')[^1]);
    }

    /// <summary>Applies a change and runs the tests.</summary>
    /// <returns>What went wrong, for the model to read; <see langword="null"/> when all is well.</returns>
    private async Task<string?> TryAsync(CellContext ctx, WorkingTree tree, ChangeSet change, SortedSet<string> touched)
    {
        var misfits = await tree.ApplyAsync(change, touched);
        if (misfits.Count > 0)
            return "Nothing was written, because some edits do not fit:\n" + string.Join('\n', misfits);

        var tests = await ctx.ShellAsync(ctx.Config["testCommand"], new() { Timeout = _options.TestTimeout });
        return tests.Failed ? Prompts.Failure(tests) : null;
    }

    private static async Task<TaskOutcome> DeliverAsync(
        WorkingTree tree, Plan plan, ChangeSet change, SortedSet<string> touched, int attempts)
    {
        var branch = "oncell/" + Slug.Of(plan.Title);
        var commit = await tree.CommitAsync(branch, $"{plan.Title}\n\n{plan.Summary}", touched);
        await tree.PushAsync();
        return new(branch, commit, change.Summary, attempts, [.. touched]);
    }
}
