using Microsoft.Extensions.Logging;
using OnCell.Journaling;

namespace OnCell.AspNetCore.Tests;

/// <summary>An agent with one method for each thing that the API must show.</summary>
public sealed class TestAgent : Agent
{
    public override CellSpec Cell => new()
    {
        Compute = "1cpu-1gb",
        Storage = "300mb",
        Packages = ["git", "python3"],
        Network = { },
    };

    public override async Task SetupAsync(CellContext ctx)
    {
        if (ctx.Config.TryGetValue("repoUrl", out var url))
            await ctx.ShellAsync($"git clone {url} /work").EnsureSuccess();
        else
            await ctx.ShellAsync("git init -q /work && echo 'hello world' > /work/readme.md").EnsureSuccess();
    }

    public async Task<string> EchoAsync(CellContext ctx, string text) =>
        (await ctx.ShellAsync($"printf %s {text}").EnsureSuccess()).Stdout;

    public async Task<string> ShellAsync(CellContext ctx, string line) => (await ctx.ShellAsync(line).EnsureSuccess()).Stdout;

    public async Task<string> WaitAsync(CellContext ctx)
    {
        await ctx.Memory.SetAsync("waits", true);
        return (await ctx.WaitForSignalAsync<string>("go")).Payload ?? "nothing";
    }

    public async Task<int> CountAsync(CellContext ctx)
    {
        var count = await ctx.Memory.GetAsync<int>("count") + 1;
        await ctx.Memory.SetAsync("count", count);
        return count;
    }

    public async Task<string> FilesAsync(CellContext ctx, string path, string text)
    {
        await ctx.Files.WriteAsync(path, text);
        return await ctx.Files.ReadTextAsync(path) ?? "nothing";
    }

    public async Task<string> FindAsync(CellContext ctx, string query)
    {
        await ctx.IndexAsync();
        return await ctx.SearchAsync(query) is [var best, ..] ? best.Path : "nothing";
    }

    public async Task<string> AskAsync(CellContext ctx, string prompt) => (await ctx.LlmAsync(prompt)).Text;

    public async Task<string> WithSecretAsync(CellContext ctx, string command, string secret)
    {
        if (ctx.Logger.IsEnabled(LogLevel.Information)) ctx.Logger.LogInformation("{Command}", command);
        var result = await ctx.ShellAsync(command, new ShellOptions { Secrets = [secret] });
        await ctx.Memory.SetAsync("last", result.Stdout);
        return result.Stdout + result.Stderr;
    }

    public async Task<string> FillAsync(CellContext ctx) =>
        (await ctx.ShellAsync("head -c 1G /dev/zero > /work/big; echo $?; rm -f /work/big")).Stdout + "after";

    public async Task<string> FillAndLeaveAsync(CellContext ctx) =>
        (await ctx.ShellAsync("head -c 1G /dev/zero > /work/big; true")).Stderr;

    public async Task<string> ClearAsync(CellContext ctx) => (await ctx.ShellAsync("rm -f /work/big && printf cleared").EnsureSuccess()).Stdout;

    public async Task<string> LinesAsync(CellContext ctx, int count, ShellOptionsInput? options = null) =>
        (await ctx.ShellAsync(
            $"i=0; while [ $i -lt {count} ]; do i=$((i+1)); echo line $i; sleep {options?.Pause ?? 0}; done",
            new ShellOptions { Effect = StepEffect.Reattach })).Stdout;

    public sealed record ShellOptionsInput(double Pause);
}
