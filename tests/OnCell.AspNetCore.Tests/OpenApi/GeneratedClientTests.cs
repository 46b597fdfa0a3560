using OnCell.Tests;

namespace OnCell.AspNetCore.Tests.OpenApi;

/// <summary>A client that Microsoft's Kiota generates of the checked-in document works against the live service.</summary>
public sealed class GeneratedClientTests(ServiceFixture fixture) : IDisposable
{
    private const string Kiota = "1.38.0";
    private const string Packages = "2.1.6";

    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-generated-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_generated_client_lists_runs_and_reads_problems()
    {
        await RunAsync("dotnet", "tool", "install", "Microsoft.OpenApi.Kiota", "--version", Kiota, "--tool-path", Path.Combine(_folder, "tools"));
        await RunAsync(
            Path.Combine(_folder, "tools", "kiota"), "generate", "-l", "CSharp", "-d", Repository.PathOf("docs", "openapi.json"), "-c", "OnCellApi", "-n", "Generated",
            "-o", Path.Combine(_folder, "Generated"), "--exclude-backward-compatible");
        string[] names = ["Abstractions", "Http.HttpClientLibrary", "Serialization.Json", "Serialization.Text", "Serialization.Form", "Serialization.Multipart"];
        await File.WriteAllTextAsync(Path.Combine(_folder, "Client.csproj"),
            $"""
             <Project Sdk="Microsoft.NET.Sdk">
               <PropertyGroup>
                 <OutputType>Exe</OutputType>
                 <TargetFramework>net10.0</TargetFramework>
                 <Nullable>enable</Nullable>
                 <ImplicitUsings>enable</ImplicitUsings>
                 <UseAppHost>false</UseAppHost>
                 <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
               </PropertyGroup>
               <ItemGroup>
                 <Compile Include="Program.cs;Generated/**/*.cs" />
                 {string.Concat(names.Select(n => $"""<PackageReference Include="Microsoft.Kiota.{n}" Version="{Packages}" />"""))}
               </ItemGroup>
             </Project>
             """, Ct);
        await File.WriteAllTextAsync(Path.Combine(_folder, "Program.cs"),
            """
            using Generated;
            using Generated.Models;
            using Microsoft.Kiota.Abstractions.Authentication;
            using Microsoft.Kiota.Http.HttpClientLibrary;

            var http = new HttpClient();
            http.DefaultRequestHeaders.Authorization = new("Bearer", args[1]);
            var api = new OnCellApi(new HttpClientRequestAdapter(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = args[0] });
            foreach (var cell in (await api.V1.Customers.GetAsync())!) Console.WriteLine($"{cell.Customer} {cell.Agent} {cell.State}");
            var run = await api.V1.Agents["echo"].PostAsync(new()
            {
                Customer = "acme",
                Input = new() { AdditionalData = { ["text"] = "generated" } },
            });
            Console.WriteLine($"{run!.Method} {run.State}");
            foreach (var step in (await api.V1.Runs["acme"][run.RunId!].Steps.GetAsync())!) Console.WriteLine($"{step.Position} {step.Kind} {step.Name}");
            try
            {
                await api.V1.Customers["nobody"].GetAsync();
            }
            catch (ProblemDetails problem)
            {
                Console.WriteLine($"{problem.ResponseStatusCode} {problem.Detail}");
            }
            """, Ct);
        await RunAsync("dotnet", "build", _folder, "-c", "Release", "-v", "quiet", "-nologo");
        var said = await RunAsync(
            "dotnet", Path.Combine(_folder, "bin", "Release", "net10.0", "Client.dll"), fixture.Service.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), Service.AdministratorKey);
        Assert.Contains("acme TestAgent", said);
        Assert.Contains("echo Completed", said);
        Assert.Contains("1 shell printf %s generated", said);
        Assert.Contains("404 There is no customer \"nobody\".", said);
    }

    private static Task<string> RunAsync(string program, params string[] arguments) =>
        HostProgram.RunAsync(program, arguments, cancellationToken: Ct);
}
