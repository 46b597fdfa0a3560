using System.Text.Json.Nodes;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Runs;

/// <summary>What people do to runs from outside: signal, decide, fork.</summary>
public sealed class RunVerbsTests
{
    private const string Customer = "acme";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_waits_for_a_signal_a_decision_and_can_be_forked()
    {
        await using var host = await TestHost.StartAsync<VerbsAgent>();
        await host.CreateAsync(Customer);

        await CallAsync(host);
        await SignalAsync(host);
        await DecideAsync(host);
    }

    private static async Task CallAsync(TestHost host)
    {
        var agent = host.Agents.For<VerbsAgent>(Customer);
        Assert.Equal("it's; $(hi)", await agent.SayAsync("it's; $(hi)", Ct));
        var failed = await Assert.ThrowsAsync<AgentRunException>(() => agent.FailAsync(Ct));
        Assert.Contains("no way", failed.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Failed, failed.Run.State);
        Assert.Equal(OnCellError.Invalid, await ErrorAsync(() => host.Agents.For<LifecycleAgent>(Customer).SayAsync("x", Ct)));
    }

    private static async Task SignalAsync(TestHost host)
    {
        var run = await host.Cells.StartRunAsync(Customer, "approve", [], "first", Ct);
        await StepsAsync(host, run.Id, steps => steps.Any(s => s.Kind == "signal"));
        Assert.True(await host.Cells.SignalRunAsync(Customer, run.Id, "answer", new JsonObject { ["by"] = "Ada", ["kind"] = "yes" }, "s1", Ct));
        var done = await host.Cells.WaitRunAsync(Customer, run.Id, Ct);
        Assert.Equal("\"1 Ada Yes\"", done.ResultJson);
        Assert.Equal(OnCellError.Conflict, await ErrorAsync(() => host.Cells.SignalRunAsync(Customer, run.Id, "answer", null, "s2", Ct)));
        Assert.Equal(OnCellError.NotFound, await ErrorAsync(() => host.Cells.SignalRunAsync(Customer, "none", "answer", null, null, Ct)));
        Assert.Equal(OnCellError.Invalid, await ErrorAsync(() => host.Cells.SignalRunAsync(Customer, run.Id, "", null, null, Ct)));

        // The same key with another input is another run's key.
        Assert.Equal(OnCellError.Conflict, await ErrorAsync(() => host.Cells.StartRunAsync(Customer, "charge", [], "first", Ct)));

        // Forked before the signal, the count before it is the first run's and the signal is waited for anew.
        var position = (await host.Cells.ListStepsAsync(Customer, run.Id, Ct)).Single(s => s.Kind == "signal").Position;
        var fork = await host.Cells.ForkRunAsync(Customer, run.Id, position, "fork", Ct);
        Assert.Equal(fork.Id, (await host.Cells.ForkRunAsync(Customer, run.Id, position, "fork", Ct)).Id);
        await host.Cells.SignalRunAsync(Customer, fork.Id, "answer", new JsonObject { ["by"] = "Bob", ["kind"] = "no" }, null, Ct);
        Assert.Equal("\"1 Bob No\"", (await host.Cells.WaitRunAsync(Customer, fork.Id, Ct)).ResultJson);
        Assert.Equal(OnCellError.Conflict, await ErrorAsync(() => host.Cells.ForkRunAsync(Customer, run.Id, "99", null, Ct)));
    }

    private static async Task DecideAsync(TestHost host)
    {
        VerbsAgent.Began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = await host.Cells.StartRunAsync(Customer, "charge", [], null, Ct);
        await VerbsAgent.Began.Task.WaitAsync(Ct);
        await host.StopAsync();
        await host.StartAsync();
        Assert.Equal(RunState.NeedsDecision, (await host.Cells.WaitRunAsync(Customer, run.Id, Ct)).State);
        var step = Assert.Single(await host.Cells.ListStepsAsync(Customer, run.Id, Ct), s => s.State == StepState.NeedsDecision);
        Assert.Equal(OnCellError.Conflict, await ErrorAsync(() => host.Cells.DecideRunAsync(Customer, run.Id, "77", new StepDecision.RunAgain(), Ct)));
        await host.Cells.DecideRunAsync(Customer, run.Id, step.Position, new StepDecision.Skip("\"charged\""), Ct);
        Assert.Equal("\"charged\"", (await host.Cells.WaitRunAsync(Customer, run.Id, Ct)).ResultJson);
    }

    private static async Task<OnCellError> ErrorAsync(Func<Task> call) => (await Assert.ThrowsAsync<OnCellException>(call)).Error;

    private static async Task StepsAsync(TestHost host, string run, Func<IReadOnlyList<StepInfo>, bool> condition)
    {
        while (!condition(await host.Cells.ListStepsAsync(Customer, run, Ct)))
            await Task.Delay(20, Ct);
    }
}

/// <summary>An agent that waits for people.</summary>
public sealed class VerbsAgent : LifecycleAgent
{
    public enum Kind { No, Yes }

    public static TaskCompletionSource Began { get; set; } = new();

    public async Task<string> ApproveAsync(CellContext ctx)
    {
        var count = await ctx.Memory.GetAsync<int>("count") + 1;
        await ctx.Memory.SetAsync("count", count);
        var answer = await ctx.WaitForSignalAsync<Answer>("answer");
        return $"{count} {answer.Payload!.By} {answer.Payload.Kind}";
    }

    public Task FailAsync(CellContext ctx) => throw new InvalidOperationException($"no way, {ctx.Customer}");

    public Task<string> ChargeAsync(CellContext ctx) => ctx.StepAsync("charge", StepEffect.Unsafe, async (_, token) =>
    {
        Began.TrySetResult();
        await Task.Delay(Timeout.Infinite, token);
        return "never";
    });

    public sealed record Answer(string By, Kind Kind);
}
