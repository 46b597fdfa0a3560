using System.Text.Json.Nodes;

namespace OnCell.Cli.Tests;

/// <summary>A project on a developer's disk to a running service: deploy, run, change, stage, promote, roll back.</summary>
public sealed class DeployTests : IAsyncLifetime
{
    private readonly string _project = Directory.CreateTempSubdirectory("oncell-agents-").FullName;

    private readonly Service _service = new(); // its own, since it is restarted

    public ValueTask InitializeAsync() => _service.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_project, recursive: true);
    }

    [Fact]
    public async Task A_project_is_deployed_changed_staged_promoted_and_rolled_back_with_a_run_in_flight()
    {
        using var oncell = new Oncell(_service);
        await WriteAsync("one");
        var first = Revision(await oncell.JsonAsync("deploy", _project));
        Assert.StartsWith("shopagents-", first);
        Assert.Equal(first, Revision(await oncell.JsonAsync("deploy", _project, "--env", "staging"))); // the same build is the same revision
        await oncell.DoneAsync("customers", "create", "shop", "--agent", "ShopAgent");
        Assert.Contains("one: hello Ann", await oncell.DoneAsync("run", "greet", "-c", "shop", "-i", """{"name":"Ann"}"""));
        var waiting = (await oncell.JsonAsync("run", "wait", "-c", "shop", "--detach"))["runId"]!.GetValue<string>();

        await WriteAsync("two");
        var deployed = await oncell.RunAsync("deploy", Path.Combine(_project, "ShopAgents.csproj"), "--env", "staging");
        Assert.Equal(0, deployed.Code);
        Assert.Contains("ShopAgent: greet, wait", deployed.Errors);
        await oncell.DoneAsync("customers", "create", "trial", "--agent", "ShopAgent", "--env", "staging");
        Assert.Contains("two: hello Bob", await oncell.DoneAsync("run", "greet", "-c", "trial", "-i", """{"name":"Bob"}"""));

        var promoted = (await oncell.JsonAsync("promote", "staging", "production")).AsArray();
        Assert.NotEqual(first, Revision(Assert.Single(promoted)!));
        await _service.StopAsync();
        await _service.StartAsync();
        await oncell.DoneAsync("runs", "signal", waiting, "go", "-c", "shop");
        Assert.Contains("ended on one", await oncell.DoneAsync("runs", "inspect", waiting, "-c", "shop", "--json"));
        Assert.Contains("two: hello Cid", await oncell.DoneAsync("run", "greet", "-c", "shop", "-i", """{"name":"Cid"}"""));

        Assert.Equal(first, Revision(await oncell.JsonAsync("rollback")));
        Assert.Contains("one: hello Dan", await oncell.DoneAsync("run", "greet", "-c", "shop", "-i", """{"name":"Dan"}"""));
        var list = await oncell.DoneAsync("deployments", "list");
        Assert.Contains("production", list);
        Assert.Contains(first, list);

        await oncell.DoneAsync("rollback", "--env", "staging");
        var second = (await oncell.JsonAsync("deployments", "list"))["revisions"]!.AsArray().Select(r => (string)r!["id"]!).Single(id => id != first);
        await oncell.DoneAsync("deployments", "delete", second);
        await oncell.DoneAsync("customers", "delete", "shop", "--yes");
        await oncell.DoneAsync("customers", "delete", "trial", "--yes");
    }

    [Fact]
    public async Task What_cannot_be_deployed_says_why()
    {
        using var oncell = new Oncell(_service);
        Assert.Contains("no .csproj", (await oncell.RunAsync("deploy", _project)).Errors);
        Assert.Contains("no project", (await oncell.RunAsync("deploy", "/no/such/place")).Errors);
        await WriteAsync("one", "this is no C#");
        var broken = await oncell.RunAsync("deploy", _project);
        Assert.Equal(2, broken.Code);
        Assert.Contains("error CS", broken.Errors);
        await WriteAsync("one", "", agent: "TestAgent");
        var taken = await oncell.RunAsync("deploy", _project, "--env", "staging");
        Assert.Equal(1, taken.Code);
        Assert.Contains("TestAgent is compiled into this service", taken.Errors);
    }

    private static string Revision(JsonNode placement) => placement["revision"]!.GetValue<string>();

    /// <summary>A project as a user has it, but that OnCell comes from this build instead of a package.</summary>
    private async Task WriteAsync(string version, string more = "", string agent = "ShopAgent")
    {
        var oncell = string.Join('\n', new[] { "OnCell.Core", "OnCell.Journal", "OnCell.Sandbox", "OnCell.Index" }
            .Select(name => $"""<Reference Include="{Path.Combine(AppContext.BaseDirectory, name)}.dll" />"""));
        await File.WriteAllTextAsync(Path.Combine(_project, "ShopAgents.csproj"),
            $"""
             <Project Sdk="Microsoft.NET.Sdk">
               <PropertyGroup>
                 <TargetFramework>net10.0</TargetFramework>
                 <Nullable>enable</Nullable>
                 <ImplicitUsings>enable</ImplicitUsings>
               </PropertyGroup>
               <ItemGroup>
                 {oncell}
                 <Analyzer Include="{Path.Combine(AppContext.BaseDirectory, "agents", "OnCell.Generators.dll")}" />
               </ItemGroup>
             </Project>
             """);
        await File.WriteAllTextAsync(Path.Combine(_project, "ShopAgent.cs"),
            $$"""
              using OnCell;

              public class {{agent}} : Agent
              {
                  public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "1gb" };

                  public async Task<string> GreetAsync(CellContext ctx, string name) => "{{version}}: " + (await ctx.ShellAsync($"echo hello {name}")).Stdout;

                  public async Task<string> WaitAsync(CellContext ctx)
                  {
                      await ctx.WaitForSignalAsync<string>("go", TimeSpan.FromHours(1));
                      return "ended on {{version}}";
                  }
              }
              {{more}}
              """);
    }
}
