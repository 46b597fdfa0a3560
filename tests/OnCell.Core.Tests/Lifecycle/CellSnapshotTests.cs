using System.Text.Json.Nodes;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Lifecycle;

/// <summary>Snapshots, forks and checkpoints of cells, with real sandboxes.</summary>
public sealed class CellSnapshotTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cell_goes_back_to_a_snapshot_and_a_fork_begins_with_one()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        await host.WriteAsync("acme", "early");
        var snapshot = await host.Cells.CreateSnapshotAsync("acme", "one", Ct);
        Assert.Equal([snapshot], await host.Cells.ListSnapshotsAsync("acme", Ct));
        await host.WriteAsync("acme", "late");

        var fork = await host.Cells.ForkAsync("acme", new CustomerRequest { Id = "fork" }, "one", null, Ct);
        Assert.Equal((CellState.Active, nameof(LifecycleAgent)), (fork.State, fork.Agent));
        Assert.Equal("early", await FilesAsync(host, "fork"));
        await host.Cells.ForkAsync("acme", new CustomerRequest { Id = "second" }, null, null, Ct);
        Assert.Equal("early late", await FilesAsync(host, "second"));

        Assert.Equal((CellState.Paused, PauseTier.Stopped), Shown(await host.Cells.RestoreSnapshotAsync("acme", "one", Ct)));
        Assert.Equal("early", await FilesAsync(host, "acme"));
        await host.Cells.DeleteSnapshotAsync("acme", "one", Ct);
        Assert.Empty(await host.Cells.ListSnapshotsAsync("acme", Ct));
        await host.Cells.DeleteAsync("acme", Ct);
        Assert.Equal("early", await FilesAsync(host, "fork"));
    }

    [Fact]
    public async Task What_cannot_be_copied_or_restored_is_a_clear_error()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        await host.CreateAsync("acme");
        await AssertAsync(OnCellError.NotFound, host.Cells.RestoreSnapshotAsync("acme", "none", Ct));
        await AssertAsync(OnCellError.NotFound, host.Cells.ForkAsync("acme", new CustomerRequest { Id = "fork" }, "none", null, Ct));
        await AssertAsync(OnCellError.NotFound, host.Cells.CreateSnapshotAsync("nobody", "one", Ct));
        await AssertAsync(OnCellError.Invalid, host.Cells.CreateSnapshotAsync("acme", "../one", Ct));
        await host.Cells.CreateSnapshotAsync("acme", "one", Ct);
        await AssertAsync(OnCellError.Conflict, host.Cells.CreateSnapshotAsync("acme", "one", Ct));
        await AssertAsync(OnCellError.Conflict, host.Cells.ForkAsync("acme", new CustomerRequest { Id = "acme" }, null, null, Ct));
        await AssertAsync(OnCellError.Conflict, host.Cells.PauseAsync("acme", PauseTier.Checkpointed, Ct));

        var run = await host.Cells.StartRunAsync("acme", "mark", [], null, Ct);
        await AssertAsync(OnCellError.Conflict, host.Cells.RestoreSnapshotAsync("acme", "one", Ct));
        await host.WriteAsync("acme", "go");
        Assert.Equal(RunState.Completed, (await host.Cells.WaitRunAsync("acme", run.Id, Ct)).State);
        Assert.Equal("acme", Assert.Single(await host.Cells.ListAsync(Ct)).Customer);

        static async Task AssertAsync(OnCellError error, Task work) =>
            Assert.Equal(error, (await Assert.ThrowsAsync<OnCellException>(() => work)).Error);
    }

    [Fact]
    public async Task An_idle_cell_is_checkpointed_and_its_processes_go_on_also_under_another_service()
    {
        await using var host = await TestHost.StartAsync<CheckpointAgent>();
        await host.CreateAsync("acme");
        await RunAsync(host, "acme", "serve");
        await TestHost.WaitForAsync(async () => await host.Cells.GetAsync("acme", Ct) is { State: CellState.Paused, Tier: PauseTier.Checkpointed });
        Assert.Empty(host.SandboxProcesses("acme"));
        await host.StopAsync();
        await host.StartAsync();
        Assert.Equal((CellState.Paused, PauseTier.Checkpointed), Shown(await host.Cells.GetAsync("acme", Ct)));

        // A process that began anew would not be there, and one that goes on counts past what it had reached.
        var first = await CountAsync();
        await TestHost.WaitForAsync(async () => await CountAsync() > first);

        async Task<int> CountAsync() => int.Parse(await ShellAsync(host, "acme", "cat count"));
    }

    [Fact]
    public async Task A_sandbox_is_booted_ahead_for_the_next_wake_and_again_when_the_service_starts()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>(o => o.WarmPoolSize = 1);
        await host.CreateAsync("acme");
        await TestHost.WaitForAsync(() => Task.FromResult(host.PooledSandboxes().Count == 1));
        await host.Cells.PauseAsync("acme", PauseTier.Stopped, Ct);
        await host.StopAsync();
        await host.StartAsync();
        await TestHost.WaitForAsync(() => Task.FromResult(host.PooledSandboxes().Count == 1)); // nobody asked for it
        await host.WhenPoolFullAsync("acme");
        var waiting = host.PooledSandboxes();
        Assert.Equal("", await FilesAsync(host, "acme"));
        Assert.Contains(waiting[0], host.PooledSandboxes()); // the cell runs in it from now on
        await host.Cells.DeleteAsync("acme", Ct);
        Assert.DoesNotContain(waiting[0], host.PooledSandboxes());
    }

    private static (CellState, PauseTier?) Shown(CellInfo cell) => (cell.State, cell.Tier);

    private static Task<string> FilesAsync(TestHost host, string customer) => ShellAsync(host, customer, "echo $(ls)");

    private static async Task<string> ShellAsync(TestHost host, string customer, string line) =>
        (await RunAsync(host, customer, "shell", new JsonObject { ["line"] = line })).TrimEnd('\n');

    private static async Task<string> RunAsync(TestHost host, string customer, string method, JsonObject? input = null)
    {
        var started = await host.Cells.StartRunAsync(customer, method, input ?? [], null, Ct);
        var run = await host.Cells.WaitRunAsync(customer, started.Id, Ct);
        Assert.True(run.State == RunState.Completed, $"{run.State}: {run.Error}");
        return JsonNode.Parse(run.ResultJson!)!.GetValue<string>();
    }
}
