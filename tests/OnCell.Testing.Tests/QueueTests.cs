using Microsoft.Extensions.DependencyInjection;
using OnCell.Journaling;

namespace OnCell.Testing.Tests;

/// <summary>How runs of one customer queue.</summary>
public sealed class QueueTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task As_many_runs_execute_at_once_as_the_agent_allows()
    {
        await using var test = new AgentTest<WaitingAgent>();
        var agent = await test.StartAsync();
        var runs = new List<AgentRun<int>>();
        for (var i = 0; i < 4; i++) runs.Add(await agent.StartWaitAsync(Ct));
        while ((await test.Cells.ListRunsAsync("test", null, Ct)).Count(r => r.Epoch > 1 && r.IsOpen) < 3) await Task.Delay(5, Ct);
        Assert.Empty(await test.StepsAsync(runs[3].Id));
        await test.SignalAsync(runs[1].Id, "go", 1);
        Assert.Equal(1, await runs[1].WaitAsync(Ct));
        foreach (var i in new[] { 3, 0, 2 })
        {
            await test.SignalAsync(runs[i].Id, "go", i);
            Assert.Equal(i, await runs[i].WaitAsync(Ct));
        }
    }

    [Fact]
    public async Task A_full_queue_says_when_to_try_again_and_loses_nothing()
    {
        await using var test = new AgentTest<WaitingAgent>();
        test.Services.Configure<OnCellOptions>(o => o.MaxQueuedRuns = 4);
        var agent = await test.StartAsync();
        var runs = new List<AgentRun<int>>();
        for (var i = 0; i < 4; i++) runs.Add(await agent.StartWaitAsync(Ct));
        var busy = await Assert.ThrowsAsync<OnCellException>(() => agent.StartWaitAsync(Ct));
        Assert.Equal(OnCellError.Busy, busy.Error);
        Assert.InRange(busy.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Assert.Contains("Try again at 2", busy.Message, StringComparison.Ordinal);
        foreach (var run in runs)
        {
            await test.SignalAsync(run.Id, "go", 7);
            Assert.Equal(7, await run.WaitAsync(Ct));
        }

        await test.SignalAsync((await agent.StartWaitAsync(Ct)).Id, "go", 7);
    }

    [Fact]
    public async Task A_restart_takes_up_the_queue_in_order()
    {
        await using var test = new AgentTest<WaitingAgent>();
        var agent = await test.StartAsync();
        var runs = new List<AgentRun<int>>();
        for (var i = 0; i < 5; i++) runs.Add(await agent.StartWaitAsync(Ct));
        await test.RestartAsync();
        for (var i = 0; i < 5; i++)
        {
            await test.SignalAsync(runs[i].Id, "go", i);
            Assert.Equal(RunState.Completed, (await test.Cells.WaitRunAsync("test", runs[i].Id, Ct)).State);
        }
    }
}

/// <summary>Waits to be told to go on, three at once.</summary>
public sealed class WaitingAgent : Agent
{
    public override CellSpec Cell => new() { MaxConcurrentRuns = 3 };

    public async Task<int> WaitAsync(CellContext ctx) => (await ctx.WaitForSignalAsync<int>("go")).Payload;
}
