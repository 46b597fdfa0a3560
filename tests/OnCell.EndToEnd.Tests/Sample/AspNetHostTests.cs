using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using OnCell.Tests;

namespace OnCell.EndToEnd.Tests.Sample;

/// <summary>The sample service with several agents, as a process of its own.</summary>
public sealed class AspNetHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-samples-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_starts_is_healthy_offers_its_agents_and_the_dashboard_and_stops()
    {
        var program = Directory.GetFiles(Repository.PathOf("samples", "AspNetHost", "bin"), "AspNetHost.dll", SearchOption.AllDirectories)
            .OrderByDescending(File.GetLastWriteTimeUtc).First();
        using var service = Process.Start(new ProcessStartInfo(
            "dotnet", [program, "--urls", "http://127.0.0.1:0", "--OnCell:DataRoot", _folder])
        { RedirectStandardOutput = true })!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(await AddressAsync(service.StandardOutput)) };
            var rest = service.StandardOutput.ReadToEndAsync(Ct); // a full pipe would stop it
            while ((await http.GetAsync("/v1/customers", Ct)).StatusCode == HttpStatusCode.ServiceUnavailable) await Task.Delay(20, Ct);
            Assert.Equal("Healthy", await http.GetStringAsync("/health", Ct));
            Assert.Equal("text/html", (await http.GetAsync("/oncell/", Ct)).Content.Headers.ContentType?.MediaType);
            using var refused = await http.PostAsJsonAsync("/v1/customers", new { id = "acme", agent = "Nobody" }, Ct);
            var agents = await refused.Content.ReadAsStringAsync(Ct);
            Assert.All(["CodingAgent", "ReviewAgent", "MigrationAgent", "SecurityAgent"], name => Assert.Contains(name, agents, StringComparison.Ordinal));
            using var hook = await http.PostAsJsonAsync("/hooks/pull-request", new { number = 7 }, Ct);
            Assert.Equal(HttpStatusCode.BadRequest, hook.StatusCode);
            await HostProgram.RunAsync("kill", ["-TERM", $"{service.Id}"], cancellationToken: Ct);
            await service.WaitForExitAsync(Ct);
            Assert.True(service.ExitCode == 0, await rest);
        }
        finally
        {
            if (!service.HasExited) service.Kill();
        }
    }

    private static async Task<string> AddressAsync(StreamReader output)
    {
        const string said = "Now listening on: ";
        while (await output.ReadLineAsync(Ct) is { } line)
        {
            if (line.IndexOf(said, StringComparison.Ordinal) is var at and >= 0) return line[(at + said.Length)..];
        }

        throw new InvalidOperationException("The service ended before it listened.");
    }
}
