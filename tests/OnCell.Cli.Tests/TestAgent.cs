using OnCell.Journaling;

namespace OnCell.Cli.Tests;

/// <summary>An agent with one method for each thing that the command must show.</summary>
public sealed class TestAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb", Packages = ["git", "python3"] };

    public override async Task SetupAsync(CellContext ctx) => await ctx.ShellAsync("echo hello > readme.md").EnsureSuccess();

    public async Task<string> EchoAsync(CellContext ctx, string text) => (await ctx.ShellAsync($"printf %s {text}").EnsureSuccess()).Stdout;

    public async Task<string> FailAsync(CellContext ctx)
    {
        await ctx.ShellAsync("exit 3").EnsureSuccess();
        return "never";
    }

    public async Task<string> ApproveAsync(CellContext ctx) => (await ctx.WaitForSignalAsync<string>("go")).Payload ?? "nothing";

    public async Task<string> SecretAsync(CellContext ctx) =>
        (await ctx.ShellAsync("printf %s \"$TOKEN\" | wc -c", new ShellOptions { Secrets = ["TOKEN"] }).EnsureSuccess()).Stdout.Trim();

    /// <summary>Stands in doubt when the service ends under it, since nobody knows whether it was done.</summary>
    public Task<string> ChargeAsync(CellContext ctx) => ctx.StepAsync("charge", StepEffect.Unsafe, async (_, token) =>
    {
        await Task.Delay(Timeout.Infinite, token);
        return "never";
    });
}
