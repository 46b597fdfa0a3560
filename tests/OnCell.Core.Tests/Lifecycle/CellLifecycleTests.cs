using System.Text.Json.Nodes;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Lifecycle;

/// <summary>What happens to runs when the cell, the service or both go away, with real sandboxes and real kills.</summary>
public sealed class CellLifecycleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cell_that_dies_under_a_command_is_replaced_and_finished_steps_are_not_repeated()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var run = await StartAsync(host, "mark");
        await WaitForMarkAsync(host, "two");
        host.KillSandbox("acme");
        await WaitForAttemptAsync(host, run.Id, 2);
        await GoAsync(host);
        Assert.Equal("one\ntwo\ntwo\nend\nthree\n", await ResultAsync(host, run.Id));
        Assert.Equal([1, 2, 1, 1], (await host.Cells.ListStepsAsync("acme", run.Id, Ct)).Select(s => s.Attempts));
    }

    [Fact]
    public async Task What_an_agent_makes_of_a_dead_cell_is_not_its_result()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var run = await StartAsync(host, "swallow");
        await WaitForMarkAsync(host, "two");
        host.KillSandbox("acme");
        await WaitForAttemptAsync(host, run.Id, 2);
        await GoAsync(host);
        Assert.Equal("fine\n", await ResultAsync(host, run.Id));
    }

    [Fact]
    public async Task A_run_under_which_the_cell_dies_again_and_again_is_given_up_with_the_reason()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var run = await StartAsync(host, "mark");
        for (var death = 1; death <= 5; death++)
        {
            await WaitForMarkAsync(host, "two", death);
            host.KillSandbox("acme");
        }

        await host.Cells.WaitRunAsync("acme", run.Id, Ct);
        var ended = await host.Cells.GetRunAsync("acme", run.Id, Ct);
        Assert.Equal(RunState.Failed, ended.State);
        Assert.Contains("died 5 times", ended.Error!.Message);
        Assert.Equal("ok", await SayAsync(host, "ok"));
    }

    [Fact]
    public async Task A_stopped_service_leaves_the_command_running_and_its_successor_takes_its_result()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var run = await StartAsync(host, "mark");
        await WaitForMarkAsync(host, "two");
        await host.StopAsync();
        await host.StartAsync();
        await GoAsync(host);
        Assert.Equal("one\ntwo\nend\nthree\n", await ResultAsync(host, run.Id));
        var steps = await host.Cells.ListStepsAsync("acme", run.Id, Ct);
        Assert.Equal([false, true, false, false], steps.Select(s => s.Reattached));
        Assert.All(steps, s => Assert.Equal(1, s.Attempts));
    }

    [Fact]
    public async Task When_service_and_cell_died_a_probe_decides_about_the_command()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var run = await StartAsync(host, "once");
        await WaitForMarkAsync(host, "two");
        var processes = host.SandboxProcesses("acme");
        await host.StopAsync(); // first: it would take the cell up again, and its files with it
        TestHost.Kill(processes);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(Marks(host))!, "go"), "", Ct);
        await host.StartAsync();
        Assert.Contains("probe", await ResultAsync(host, run.Id));
        Assert.Equal("two\nprobed\n", await File.ReadAllTextAsync(Marks(host), Ct));
    }

    [Fact]
    public async Task A_cancelled_run_ends_and_its_command_is_killed()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var run = await StartAsync(host, "mark");
        await WaitForMarkAsync(host, "two");
        await host.Cells.CancelRunAsync("acme", run.Id, Ct);
        await host.Cells.WaitRunAsync("acme", run.Id, Ct);
        Assert.Equal(RunState.Cancelled, (await host.Cells.GetRunAsync("acme", run.Id, Ct)).State);
        await GoAsync(host);
        Assert.Equal("ok", await SayAsync(host, "ok"));
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Marks(host), Ct));
    }

    [Fact]
    public async Task A_run_cancelled_while_it_waits_for_its_turn_holds_up_nobody()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var first = await StartAsync(host, "mark");
        var second = await StartAsync(host, "say", new JsonObject { ["text"] = "never" });
        await WaitForMarkAsync(host, "two");
        await host.Cells.CancelRunAsync("acme", second.Id, Ct);
        Assert.Equal(RunState.Cancelled, (await host.Cells.WaitRunAsync("acme", second.Id, Ct)).State);
        await GoAsync(host);
        await ResultAsync(host, first.Id);
        Assert.Equal("ok", await SayAsync(host, "ok").WaitAsync(TimeSpan.FromMinutes(1), Ct));
    }

    [Fact]
    public async Task Runs_of_one_customer_take_turns_in_order()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var first = await StartAsync(host, "mark");
        var others = new List<RunInfo>();
        for (var i = 0; i < 4; i++) others.Add(await StartAsync(host, "say", new JsonObject { ["text"] = $"{i}" }));
        await WaitForMarkAsync(host, "two");
        Assert.All(others, o => Assert.Empty(host.Cells.ListStepsAsync("acme", o.Id, Ct).Result));
        await GoAsync(host);
        await ResultAsync(host, first.Id);
        for (var i = 0; i < 4; i++) Assert.Equal($"{i}", await ResultAsync(host, others[i].Id));
        var ends = new List<DateTimeOffset?>();
        foreach (var run in others.Prepend(first)) ends.Add((await host.Cells.GetRunAsync("acme", run.Id, Ct)).EndedAt);
        Assert.Equal(ends.Order(), ends);
    }

    [Fact]
    public async Task A_cell_is_deleted_from_under_a_run_and_nothing_is_left()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        await StartAsync(host, "mark");
        await WaitForMarkAsync(host, "two");
        await host.Cells.DeleteAsync("acme", Ct);
        Assert.Empty(host.SandboxProcesses("acme"));
        Assert.Empty(await host.Cells.ListAsync(Ct));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(host.DataRoot, "cells")));
    }

    [Fact]
    public async Task An_idle_cell_is_frozen_then_stopped_and_wakes_with_its_files()
    {
        await using var host = await TestHost.StartAsync<IdleAgent>();
        await host.CreateAsync("acme");
        Assert.Equal("x", await SayAsync(host, "x"));
        await TestHost.WaitForAsync(async () => await host.Cells.GetAsync("acme", Ct) is { State: CellState.Paused, Tier: PauseTier.Frozen });
        Assert.NotEmpty(host.SandboxProcesses("acme"));
        Assert.Equal("y", await SayAsync(host, "y"));
        await TestHost.WaitForAsync(async () => await host.Cells.GetAsync("acme", Ct) is { State: CellState.Paused, Tier: PauseTier.Stopped });
        Assert.Empty(host.SandboxProcesses("acme"));
        Assert.Equal("z", await SayAsync(host, "z"));
    }

    [Fact]
    public async Task A_cell_in_which_nothing_runs_is_frozen_soon_and_one_with_a_server_is_not()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await Task.WhenAll(host.CreateAsync("quiet"), host.CreateAsync("serving"));
        var started = await host.Cells.StartRunAsync("serving", "shell", new() { ["line"] = "sleep 1000 > /dev/null 2>&1 &" }, null, Ct);
        await host.Cells.WaitRunAsync("serving", started.Id, Ct);
        await TestHost.WaitForAsync(async () => await host.Cells.GetAsync("quiet", Ct) is { State: CellState.Paused, Tier: PauseTier.Frozen });
        Assert.Equal(CellState.Active, (await host.Cells.GetAsync("serving", Ct)).State);
        var run = await host.Cells.StartRunAsync("quiet", "say", new() { ["text"] = "thawed" }, null, Ct);
        Assert.Equal("\"thawed\"", (await host.Cells.WaitRunAsync("quiet", run.Id, Ct)).ResultJson);
    }

    [Fact]
    public async Task A_creation_that_the_service_did_not_survive_goes_on_by_itself()
    {
        await using var host = await TestHost.StartAsync<SlowSetupAgent>();
        var creating = host.CreateAsync("acme");
        await WaitForMarkAsync(host, "two");
        await host.StopAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => creating);
        await host.StartAsync();
        Assert.Equal(CellState.Creating, (await host.Cells.GetAsync("acme", Ct)).State);
        await GoAsync(host);
        await TestHost.WaitForAsync(async () => (await host.Cells.GetAsync("acme", Ct)).State == CellState.Active);
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Marks(host), Ct));
    }

    [Fact]
    public async Task Sandboxes_of_no_customer_are_removed_at_start()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        var processes = host.SandboxProcesses("acme");
        await host.StopAsync();
        foreach (var file in Directory.GetFiles(host.DataRoot, "oncell.db*")) File.Delete(file);
        Assert.All(processes, pid => Assert.True(Directory.Exists($"/proc/{pid}")));
        await host.StartAsync();
        Assert.Empty(host.SandboxProcesses("acme"));
    }

    private static string Marks(TestHost host) => Path.Combine(host.DataRoot, "cells", "acme", "volume", "work", "marks");

    /// <summary>Lets the waiting command go on.</summary>
    private static Task GoAsync(TestHost host) => host.WriteAsync("acme", "go");

    private static Task<RunInfo> StartAsync(TestHost host, string method, JsonObject? input = null) =>
        host.Cells.StartRunAsync("acme", method, input ?? [], null, Ct);

    private static async Task<string> SayAsync(TestHost host, string text) =>
        await ResultAsync(host, (await StartAsync(host, "say", new JsonObject { ["text"] = text })).Id);

    private static async Task<string> ResultAsync(TestHost host, string runId)
    {
        var run = await host.Cells.WaitRunAsync("acme", runId, Ct);
        Assert.True(run.State == RunState.Completed, $"{run.State}: {run.Error}");
        return JsonNode.Parse(run.ResultJson!)!.GetValue<string>();
    }

    private static Task WaitForMarkAsync(TestHost host, string mark, int times = 1) => TestHost.WaitForAsync(() =>
        Task.FromResult(File.Exists(Marks(host)) && File.ReadAllLines(Marks(host)).Count(m => m == mark) >= times));

    private static Task WaitForAttemptAsync(TestHost host, string runId, int attempt) => TestHost.WaitForAsync(async () =>
        host.SandboxProcesses("acme").Count > 0
        && (await host.Cells.ListStepsAsync("acme", runId, Ct)).Any(s => s.Name.StartsWith("echo two", StringComparison.Ordinal) && s.Attempts >= attempt));
}
