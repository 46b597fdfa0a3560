using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Cells;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Hosting;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Deployments;

/// <summary>Deployments beside customers who use what goes, uploads that stall, cells that are half gone, and folders left over.</summary>
public sealed class DeploymentHazardTests
{
    private const string Broken = "OnCell.Tests.BrokenCell";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_that_customers_use_does_not_go_and_one_that_is_gone_lets_the_others_start()
    {
        await using var host = await StartAsync();
        var kept = await DeployAsync(host, "production", Package("Teller"));
        await CreateAsync(host, "shop");
        var refused = await Assert.ThrowsAsync<OnCellException>(() => DeployAsync(host, "production", Package("Other")));
        Assert.Equal(OnCellError.Conflict, refused.Error);
        Assert.Contains("\"shop\"", refused.Message, StringComparison.Ordinal);
        await DeployAsync(host, "staging", Package("Other"));
        refused = await Assert.ThrowsAsync<OnCellException>(() => Deployments(host).PromoteAsync("staging", "production", null, "me", Ct));
        Assert.Equal(OnCellError.Conflict, refused.Error);
        Assert.Equal(kept.Revision, Placed(host));

        // Made all the same, as by a customer who was created at that very moment: nobody else may suffer from it.
        var services = Services(host);
        services.Deployments.Place([("production", services.Deployments.Find(services.Deployments.Find("staging", "Tellers")!.Revision)!, null)], "me");
        await host.StopAsync();
        await host.StartAsync();
        refused = await Assert.ThrowsAsync<OnCellException>(() => host.Cells.StartRunAsync("shop", "say", [], null, Ct));
        Assert.Contains("no agent \"Teller\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_an_agent_while_its_revision_is_replaced_and_removed_gets_the_next()
    {
        await using var host = await StartAsync();
        var agents = Services(host).Agents;
        var placed = await DeployAsync(host, "production", Package("Teller", "first"));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var asking = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!done.IsCancellationRequested) Assert.Equal("Teller", agents.Get("production", "Teller").Name);
        }, Ct)).ToArray();
        for (var i = 0; i < 20 && !asking.Any(a => a.IsCompleted); i++)
        {
            var before = placed.Revision;
            placed = await DeployAsync(host, "production", Package("Teller", $"v{i}"));
            await Deployments(host).DeleteRevisionAsync(before, Ct);
        }

        await done.CancelAsync();
        await Task.WhenAll(asking);
        Services(host).Revisions.Trim();
        Assert.Equal([placed.Revision], Services(host).Revisions.Loaded);
    }

    [Fact]
    public async Task A_run_that_starts_while_its_revision_is_replaced_and_removed_completes()
    {
        await using var host = await StartAsync();
        var placed = await DeployAsync(host, "production", Package("Teller", "first"));
        await CreateAsync(host, "shop");
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var runs = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var started = await host.Cells.StartRunAsync("shop", "say", [], null, Ct);
                var run = await host.Cells.WaitRunAsync("shop", started.Id, Ct);
                Assert.True(run.State == RunState.Completed, run.Error?.Message);
            }
        }, Ct)).ToArray();
        for (var i = 0; i < 20 && !runs.Any(r => r.IsCompleted); i++)
        {
            var before = placed.Revision;
            placed = await DeployAsync(host, "production", Package("Teller", $"w{i}"));
            try
            {
                await Deployments(host).DeleteRevisionAsync(before, Ct);
            }
            catch (OnCellException e) when (e.Error == OnCellError.Conflict)
            {
                // A run that began with it has not ended.
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(runs);
    }

    [Fact]
    public async Task An_upload_that_stalls_does_not_hold_up_a_rollback()
    {
        await using var host = await StartAsync();
        await DeployAsync(host, "production", Package("Teller"));
        await DeployAsync(host, "production", Package("Teller", "two"));
        await using var stalled = new StalledStream();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var stuck = Deployments(host).DeployAsync(stalled, "production", "me", null, ends.Token);
        await stalled.Asked.Task.WaitAsync(Limit, Ct);
        try
        {
            await Deployments(host).RollbackAsync("production", null, "me", Ct).WaitAsync(Limit, Ct);
        }
        finally
        {
            await ends.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck);
        }
    }

    [Fact]
    public async Task A_cell_that_is_being_deleted_does_not_fail_a_deployment_that_was_made()
    {
        await using var host = await StartAsync();
        await CreateAsync(host, "shop", nameof(LifecycleAgent));
        var cell = host.Services.GetRequiredService<CellHost>().Cells.Get("shop");
        Services(host).Registry.SetBusy("shop", true);
        cell.SetState(CellState.Deleting);
        await cell.ShutAsync(Ct);
        for (var i = 0; i < 4; i++)
        {
            var placed = await DeployAsync(host, "production", Package("Teller", $"v{i}"));
            Assert.Equal(placed.Revision, Placed(host));
        }

        Assert.Equal(2, (await Deployments(host).ListRevisionsAsync(Ct)).Count);
    }

    [Fact]
    public async Task A_run_whose_cell_cannot_be_described_ends_with_the_reason()
    {
        await using var host = await StartAsync();
        await DeployAsync(host, "production", Package("Teller"));
        await CreateAsync(host, "shop");
        await host.Cells.PauseAsync("shop", PauseTier.Stopped, Ct);
        await DeployAsync(host, "production", Package("Teller", "two"));
        AppContext.SetSwitch(Broken, true);
        try
        {
            var started = await host.Cells.StartRunAsync("shop", "say", [], null, Ct);
            var run = await host.Cells.WaitRunAsync("shop", started.Id, Ct).WaitAsync(Limit, Ct);
            Assert.Equal(RunState.Failed, run.State);
            Assert.Contains("no cell today", run.Error!.Message, StringComparison.Ordinal);
        }
        finally
        {
            AppContext.SetSwitch(Broken, false);
        }

        var next = await host.Cells.StartRunAsync("shop", "say", [], null, Ct);
        Assert.Equal("\"two\"", (await host.Cells.WaitRunAsync("shop", next.Id, Ct).WaitAsync(Limit, Ct)).ResultJson);
    }

    [Fact]
    public async Task A_folder_that_was_left_over_is_no_obstacle()
    {
        await using var host = await StartAsync();
        var package = Package("Teller");
        var left = Path.Combine(host.DataRoot, "deployments", $"tellers-{Convert.ToHexStringLower(SHA256.HashData(package))[..12]}");
        Directory.CreateDirectory(left);
        await File.WriteAllTextAsync(Path.Combine(left, "half"), "", Ct);
        Assert.Equal(Path.GetFileName(left), (await DeployAsync(host, "production", package)).Revision);
        Assert.False(File.Exists(Path.Combine(left, "half")));
    }

    [Fact]
    public async Task A_package_with_a_file_in_a_file_is_refused()
    {
        await using var host = await StartAsync();
        var package = PackageSource.Zip(("a", [1]), ("a/b", [2]));
        var refused = await Assert.ThrowsAsync<OnCellException>(() => DeployAsync(host, "production", package));
        Assert.Equal((OnCellError.Invalid, "package"), (refused.Error, refused.Field));
    }

    private static Task<TestHost> StartAsync() => TestHost.StartAsync<LifecycleAgent>(o =>
    {
        o.Deployments.Enabled = true;
        o.Deployments.KeepRevisions = 2;
    });

    private static IDeployments Deployments(TestHost host) => host.Services.GetRequiredService<IDeployments>();

    private static CellServices Services(TestHost host) => host.Services.GetRequiredService<CellHost>().Cells.Services;

    private static string Placed(TestHost host) => Services(host).Deployments.Find("production", "Tellers")!.Revision;

    private static Task<Placement> DeployAsync(TestHost host, string environment, byte[] package) =>
        Deployments(host).DeployAsync(new MemoryStream(package), environment, "me", null, Ct);

    private static Task<CellInfo> CreateAsync(TestHost host, string customer, string agent = "Teller") =>
        host.Cells.CreateAsync(new CustomerRequest { Id = customer, Agent = agent, Environment = "production" }, null, Ct);

    private static byte[] Package(string agent, string version = "one") => PackageSource.Package("Tellers",
        $$"""
          public class {{agent}} : Agent
          {
              public override CellSpec Cell => AppContext.TryGetSwitch("{{Broken}}", out var broken) && broken
                  ? throw new InvalidOperationException("no cell today")
                  : new() { Compute = "1cpu-512mb", Storage = "200mb" };

              public Task<string> SayAsync(CellContext ctx) => Task.FromResult("{{version}}");
          }
          """);

    /// <summary>An upload whose client says nothing more.</summary>
    private sealed class StalledStream : MemoryStream
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
