using System.Text.Json.Nodes;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Runs;

/// <summary>A run that waits for a person holds neither its cell nor a place that others could use.</summary>
public sealed class WaitingRunTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cell_whose_run_waits_is_paused_others_go_on_and_the_answer_wakes_it()
    {
        await using var host = await TestHost.StartAsync<WaitingAgent>(o => o.MaxConcurrentRuns = 1);
        await host.CreateAsync("waits");
        await host.CreateAsync("works");
        var run = await host.Cells.StartRunAsync("waits", "approve", [], null, Ct);
        await TestHost.WaitForAsync(async () => (await host.Cells.ListStepsAsync("waits", run.Id, Ct)).Any(s => s.Kind == "signal"));

        await AssertOthersGoOnAsync(host);

        await TestHost.WaitForAsync(async () => await host.Cells.GetAsync("waits", Ct) is { State: CellState.Paused });
        Assert.True((await host.Cells.GetRunAsync("waits", run.Id, Ct)).IsOpen);
        await host.Cells.SignalRunAsync("waits", run.Id, "yes", JsonValue.Create("go"), null, Ct);
        var ended = await host.Cells.WaitRunAsync("waits", run.Id, Ct);
        Assert.True(ended.State == RunState.Completed, $"{ended.State}: {ended.Error}");
        Assert.Equal("\"before after go\"", ended.ResultJson);
    }

    [Fact]
    public async Task A_cell_whose_run_waits_for_a_decision_is_paused_others_go_on_and_the_decision_wakes_it()
    {
        await using var host = await TestHost.StartAsync<WaitingAgent>(o => o.MaxConcurrentRuns = 1);
        await host.CreateAsync("waits");
        await host.CreateAsync("works");
        WaitingAgent.Charging = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = await host.Cells.StartRunAsync("waits", "charge", [], null, Ct);
        await WaitingAgent.Charging.Task.WaitAsync(Ct);
        await host.StopAsync();
        await host.StartAsync();
        await TestHost.WaitForAsync(async () => (await host.Cells.GetRunAsync("waits", run.Id, Ct)).State == RunState.NeedsDecision);

        await AssertOthersGoOnAsync(host);

        await TestHost.WaitForAsync(async () => await host.Cells.GetAsync("waits", Ct) is { State: CellState.Paused });
        var step = Assert.Single(await host.Cells.ListStepsAsync("waits", run.Id, Ct), s => s.State == StepState.NeedsDecision);
        await host.Cells.DecideRunAsync("waits", run.Id, step.Position, new StepDecision.Skip("\"charged\""), Ct);
        var ended = await host.Cells.WaitRunAsync("waits", run.Id, Ct);
        Assert.True(ended.State == RunState.Completed, $"{ended.State}: {ended.Error}");
        Assert.Equal("\"charged after\"", ended.ResultJson);
    }

    [Fact]
    public async Task A_run_that_waits_between_two_attempts_lends_its_place()
    {
        await using var host = await TestHost.StartAsync<WaitingAgent>(o => o.MaxConcurrentRuns = 1);
        await host.CreateAsync("waits");
        await host.CreateAsync("works");
        var run = await host.Cells.StartRunAsync("waits", "retry", [], null, Ct);
        await TestHost.WaitForAsync(async () => (await host.Cells.ListStepsAsync("waits", run.Id, Ct)).Any(s => s.Error is not null));
        await AssertOthersGoOnAsync(host);
        Assert.True((await host.Cells.GetRunAsync("waits", run.Id, Ct)).IsOpen);
        await host.Cells.CancelRunAsync("waits", run.Id, Ct);
        Assert.Equal(RunState.Cancelled, (await host.Cells.WaitRunAsync("waits", run.Id, Ct)).State);

        // What was lent is not given back twice: the place still serves one after the other.
        await AssertOthersGoOnAsync(host);
    }

    [Fact]
    public async Task A_branch_at_work_keeps_the_cell_awake_while_another_waits()
    {
        await using var host = await TestHost.StartAsync<WaitingAgent>(o => o.MaxConcurrentRuns = 1);
        await host.CreateAsync("both");
        var run = await host.Cells.StartRunAsync("both", "both", [], null, Ct);
        await TestHost.WaitForAsync(async () => (await host.Cells.ListStepsAsync("both", run.Id, Ct)).Count == 2);

        // Its command counts on: nothing was frozen under it, though the cell may idle for a moment only.
        var first = await CountAsync();
        await TestHost.WaitForAsync(async () => await CountAsync() > first + 15);
        Assert.Equal(CellState.Active, (await host.Cells.GetAsync("both", Ct)).State);
        await host.Cells.SignalRunAsync("both", run.Id, "yes", null, null, Ct);
        await host.WriteAsync("both", "stop");
        Assert.Equal(RunState.Completed, (await host.Cells.WaitRunAsync("both", run.Id, Ct)).State);

        async Task<int> CountAsync()
        {
            var file = Path.Combine(host.DataRoot, "cells", "both", "volume", "work", "count");
            return File.Exists(file) ? (int)new FileInfo(file).Length : await Task.FromResult(0);
        }
    }

    /// <summary>The only place of this service is free for another customer.</summary>
    private static async Task AssertOthersGoOnAsync(TestHost host)
    {
        var other = await host.Cells.StartRunAsync("works", "work", [], null, Ct);
        Assert.Equal(RunState.Completed, (await host.Cells.WaitRunAsync("works", other.Id, Ct)).State);
    }
}

public sealed class WaitingAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb", IdleTimeout = TimeSpan.FromMilliseconds(200), StopAfter = TimeSpan.FromMilliseconds(200) };

    public async Task<string> ApproveAsync(CellContext ctx)
    {
        var before = await ctx.ShellAsync("printf before").EnsureSuccess();
        var answer = await ctx.WaitForSignalAsync<string>("yes", TimeSpan.FromDays(7));
        var after = await ctx.ShellAsync("printf after").EnsureSuccess();
        return $"{before.Stdout} {after.Stdout} {answer.Payload}";
    }

    public static TaskCompletionSource Charging { get; set; } = new();

    public async Task<string> ChargeAsync(CellContext ctx)
    {
        var charged = await ctx.StepAsync("charge", StepEffect.Unsafe, async (_, token) =>
        {
            Charging.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return "never";
        });
        var after = await ctx.ShellAsync("printf after").EnsureSuccess();
        return $"{charged} {after.Stdout}";
    }

    public Task<int> RetryAsync(CellContext ctx) => ctx.StepAsync<int>(
        "retry",
        StepEffect.Idempotent,
        (_, _) => throw new IOException("not now"),
        new StepOptions<int> { Retry = new RetryPolicy { MaxAttempts = 3, FirstDelay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1) } });

    public async Task WorkAsync(CellContext ctx) => await ctx.ShellAsync("true").EnsureSuccess();

    public async Task BothAsync(CellContext ctx)
    {
        var waits = ctx.BranchAsync("waits", b => b.WaitForSignalAsync<string>("yes"));
        var works = ctx.BranchAsync("works", b => b.ShellAsync("while [ ! -e stop ]; do printf x >> count; sleep 0.1; done").AsTask());
        await Task.WhenAll(waits, works);
    }
}
