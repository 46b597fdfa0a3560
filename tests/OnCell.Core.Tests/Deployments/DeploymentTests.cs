using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Deployments;
using OnCell.Hosting;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Deployments;

/// <summary>Agents that come to a running service: environments, runs that stay on their code, code that goes.</summary>
public sealed class DeploymentTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_stays_on_its_revision_while_environments_move_and_the_service_restarts()
    {
        await using var host = await StartAsync();
        var one = await DeployAsync(host, "production", Greeter("one"));
        Assert.Equal(("production", "Greeters"), (one.Environment, one.Package));
        await CreateAsync(host, "shop", "production");
        Assert.Equal("one: hello shop", await GreetAsync(host, "shop"));

        var waiting = await host.Cells.StartRunAsync("shop", "wait", [], null, Ct);
        await AtSignalAsync(host, "shop", waiting.Id);
        var two = await DeployAsync(host, "staging", Greeter("two"));
        await CreateAsync(host, "trial", "staging");
        Assert.Equal("two: hello trial", await GreetAsync(host, "trial"));
        await Deployments(host).PromoteAsync("staging", "production", null, "me", Ct);

        // Runs take turns in a cell, so what the new code says is seen once the old run has ended, after a restart in between.
        var queued = await host.Cells.StartRunAsync("shop", "greet", new JsonObject { ["name"] = "shop" }, null, Ct);
        await host.StopAsync();
        await host.StartAsync();
        await host.Cells.SignalRunAsync("shop", waiting.Id, "go", null, null, Ct);
        Assert.Equal("\"one\"", (await host.Cells.WaitRunAsync("shop", waiting.Id, Ct)).ResultJson);
        Assert.Equal("\"two: hello shop\"", (await host.Cells.WaitRunAsync("shop", queued.Id, Ct)).ResultJson);

        var back = await Deployments(host).RollbackAsync("production", null, "me", Ct);
        Assert.Equal(one.Revision, back.Revision);
        Assert.Equal("one: hello shop", await GreetAsync(host, "shop"));
        Assert.Equal("two: hello trial", await GreetAsync(host, "trial"));
        Assert.Equal(OnCellError.Conflict, (await Assert.ThrowsAsync<OnCellException>(() => Deployments(host).RollbackAsync("production", null, "me", Ct))).Error);

        // The same package is the same revision, and what an environment points to is not removed.
        Assert.Equal(two.Revision, (await DeployAsync(host, "other", Greeter("two"))).Revision);
        Assert.Equal(2, (await Deployments(host).ListRevisionsAsync(Ct)).Count);
        Assert.Equal(OnCellError.Conflict, (await Assert.ThrowsAsync<OnCellException>(() => Deployments(host).DeleteRevisionAsync(two.Revision, Ct))).Error);
        Assert.Equal(OnCellError.NotFound, (await Assert.ThrowsAsync<OnCellException>(() => Deployments(host).DeleteRevisionAsync("none", Ct))).Error);
    }

    [Fact]
    public async Task A_revision_that_nothing_needs_is_unloaded_and_its_memory_is_free()
    {
        await using var host = await StartAsync();
        await DeployAsync(host, "production", Greeter("one"));
        await CreateAsync(host, "shop", "production");
        Assert.Equal("one: hello shop", await GreetAsync(host, "shop"));
        Assert.Equal("3", await RunAsync(host, "shop", "remember", []));
        Assert.Equal("b: 2", await RunAsync(host, "shop", "useTool", []));
        var loaded = Contexts();
        Assert.NotEmpty(loaded);
        await DeployAsync(host, "production", Greeter("two"));
        Assert.Equal("two: hello shop", await GreetAsync(host, "shop"));
        Assert.Single(host.Services.GetRequiredService<CellHost>().Cells.Services.Revisions.Loaded);
        for (var i = 0; loaded.Any(c => c.IsAlive); i++)
        {
            Assert.True(i < 600, "The code of a revision that nothing needs is still in memory.");
            await Task.Delay(100, Ct);

            // .NET's JSON forgets the accessors of types it has not met for a second, when it meets another type.
            JsonSerializer.Serialize(new { i }, FreshOptions());
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Fact]
    public async Task Old_revisions_go_but_not_one_that_a_run_needs()
    {
        await using var host = await StartAsync();
        var first = await DeployAsync(host, "production", Greeter("first"));
        await CreateAsync(host, "shop", "production");
        var waiting = await host.Cells.StartRunAsync("shop", "wait", [], null, Ct);
        await AtSignalAsync(host, "shop", waiting.Id);
        for (var i = 0; i < 4; i++) await DeployAsync(host, "production", Greeter($"v{i}"));
        var kept = await Deployments(host).ListRevisionsAsync(Ct);
        Assert.Equal(3, kept.Count); // two as the options say, and that of the run
        Assert.Contains(kept, r => r.Id == first.Revision);
        Assert.Equal(kept.Count, Directory.GetDirectories(Path.Combine(host.DataRoot, "deployments")).Length);
        var refused = await Assert.ThrowsAsync<OnCellException>(() => Deployments(host).DeleteRevisionAsync(first.Revision, Ct));
        Assert.Contains(waiting.Id, refused.Message, StringComparison.Ordinal);
        await host.Cells.SignalRunAsync("shop", waiting.Id, "go", null, null, Ct);
        Assert.Equal("\"first\"", (await host.Cells.WaitRunAsync("shop", waiting.Id, Ct)).ResultJson);
        await host.Cells.PauseAsync("shop", PauseTier.Stopped, Ct); // waits until the run is no longer held
        await Deployments(host).DeleteRevisionAsync(first.Revision, Ct);
        Assert.DoesNotContain(await Deployments(host).ListRevisionsAsync(Ct), r => r.Id == first.Revision);
    }

    [Fact]
    public async Task Deploying_is_off_until_it_is_allowed()
    {
        await using var host = await TestHost.StartAsync<LifecycleAgent>();
        var refused = await Assert.ThrowsAsync<OnCellException>(() => DeployAsync(host, "production", Greeter("one")));
        Assert.Equal(OnCellError.Forbidden, refused.Error);
        Assert.Contains("OnCell:Deployments:Enabled", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(host.DataRoot, "deployments")));
    }

    [Fact]
    public async Task What_a_killed_service_left_half_received_is_removed()
    {
        await using var host = await StartAsync();
        var placed = await DeployAsync(host, "production", Greeter("one"));
        await host.StopAsync();
        var folder = Path.Combine(host.DataRoot, "deployments");
        Directory.CreateDirectory(Path.Combine(folder, ".new-x", "files"));
        Directory.CreateDirectory(Path.Combine(folder, "greeters-0123456789ab"));
        await host.StartAsync();
        Assert.Equal([placed.Revision], Directory.GetDirectories(folder).Select(Path.GetFileName));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Contexts() =>
        [.. System.Runtime.Loader.AssemblyLoadContext.All.OfType<RevisionContext>().Select(c => new WeakReference(c))];

    private static JsonSerializerOptions FreshOptions() => new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private static Task<TestHost> StartAsync() => TestHost.StartAsync<LifecycleAgent>(o =>
    {
        o.Deployments.Enabled = true;
        o.Deployments.KeepRevisions = 2;
    });

    private static IDeployments Deployments(TestHost host) => host.Services.GetRequiredService<IDeployments>();

    private static Task<Placement> DeployAsync(TestHost host, string environment, byte[] package) =>
        Deployments(host).DeployAsync(new MemoryStream(package), environment, "me", null, Ct);

    private static Task<CellInfo> CreateAsync(TestHost host, string customer, string environment) =>
        host.Cells.CreateAsync(new CustomerRequest { Id = customer, Agent = "Greeter", Environment = environment }, null, Ct);

    private static Task<string> GreetAsync(TestHost host, string customer) => RunAsync(host, customer, "greet", new JsonObject { ["name"] = customer });

    private static async Task<string> RunAsync(TestHost host, string customer, string method, JsonObject input)
    {
        var started = await host.Cells.StartRunAsync(customer, method, input, null, Ct);
        var run = await host.Cells.WaitRunAsync(customer, started.Id, Ct);
        Assert.True(run.State == RunState.Completed, $"{run.State}: {run.Error}");
        return JsonNode.Parse(run.ResultJson!)!.ToString();
    }

    private static async Task AtSignalAsync(TestHost host, string customer, string run)
    {
        while (!(await host.Cells.ListStepsAsync(customer, run, Ct)).Any(s => s.Kind == "signal")) await Task.Delay(20, Ct);
    }

    /// <summary>An agent that says which code it is; with types of its own in the memory, so that those are forgotten too.</summary>
    private static byte[] Greeter(string version) => PackageSource.Package("Greeters",
        $$"""
          public record Visit(string Who, int Times);
          public class Greeter : Agent
          {
              public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "1gb", Packages = [], Network = new() { Allow = [] } };

              public async Task<string> GreetAsync(CellContext ctx, string name) =>
                  "{{version}}: " + (await ctx.ShellAsync($"echo hello {name}")).Stdout.TrimEnd();

              public async Task<string> WaitAsync(CellContext ctx)
              {
                  await ctx.WaitForSignalAsync<string>("go", TimeSpan.FromHours(1));
                  return "{{version}}";
              }

              public async Task<int> RememberAsync(CellContext ctx)
              {
                  await ctx.Memory.SetAsync("visits", new List<Visit> { new("a", 1), new("b", 2) });
                  var visits = await ctx.Memory.GetAsync<List<Visit>>("visits");
                  var sum = 0;
                  foreach (var visit in visits!) sum += visit.Times;
                  return sum;
              }

              public async Task<string> UseToolAsync(CellContext ctx)
              {
                  var tool = CellTools.Create((Visit visit) => $"{visit.Who}: {visit.Times}", "visit", "Shows a visit.");
                  return $"{await tool.InvokeAsync(new() { ["visit"] = new Visit("b", 2) })}";
              }
          }
          """);
}
