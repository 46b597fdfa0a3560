using OnCell.Tests;

namespace OnCell.Packages.Tests;

/// <summary>A stranger's application, which has the packages and nothing of this repository.</summary>
public sealed class ApplicationTests(PackedLibraries packages) : IClassFixture<PackedLibraries>, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-application-").FullName;

    private static string PackagesOfTheMachine => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>It refers to one package; the generator and both analyzers are in packages that this one needs.</summary>
    [Fact]
    public async Task It_gets_the_dispatch_of_its_agents_and_the_warnings()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "Application.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>{packages.Folder}</RestoreSources>
                <RestorePackagesPath>{_folder}/packages</RestorePackagesPath>
                <RestoreFallbackFolders>{PackagesOfTheMachine}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="OnCell.AspNetCore" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "Program.cs"),
            """
            using OnCell;

            var builder = WebApplication.CreateBuilder(args);
            builder.Services.AddOnCell(builder.Configuration.GetSection("OnCell")).AddAgent<GreetAgent>().AddApiKeys();
            var app = builder.Build();
            app.MapOnCell("/v1");
            app.MapGet("/greet", (IAgents agents) => agents.For<GreetAgent>("acme").GreetAsync("Ada"));

            public sealed class GreetAgent : Agent
            {
                public override CellSpec Cell => new() { Compute = "1cpu-1gb", Storage = "1gb" };

                public async Task<string> GreetAsync(CellContext ctx, string name) =>
                    (await ctx.ShellAsync("echo " + name)).Stdout + DateTime.UtcNow;
            }
            """, TestContext.Current.CancellationToken);

        var said = await HostProgram.RunAsync(
            "dotnet", ["build", _folder, "-nologo", "-nodeReuse:false"], Limit, TestContext.Current.CancellationToken);

        Assert.Collection(
            said.Split('\n').Where(line => line.Contains(": warning ", StringComparison.Ordinal)).Select(line => line.Trim()).Distinct(),
            line => Assert.Contains("Program.cs(14,31): warning OCA006: name is put into the command line", line, StringComparison.Ordinal),
            line => Assert.Contains("Program.cs(14,57): warning OCJ001: DateTime.UtcNow", line, StringComparison.Ordinal));
    }
}
