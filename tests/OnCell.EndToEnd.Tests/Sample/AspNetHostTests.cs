using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OnCell.EndToEnd.Tests.Kills;
using OnCell.Tests;
using ReviewSample;

namespace OnCell.EndToEnd.Tests.Sample;

/// <summary>The sample service with several agents, as a process of its own.</summary>
public sealed class AspNetHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-samples-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Program => Directory.GetFiles(Repository.PathOf("samples", "AspNetHost", "bin"), "AspNetHost.dll", SearchOption.AllDirectories)
        .OrderByDescending(File.GetLastWriteTimeUtc).First();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Its own route, from a webhook to what is filed: a customer is made, a run started, its result read.</summary>
    [Fact]
    public async Task Its_webhook_has_a_pull_request_reviewed_in_a_cell()
    {
        await using var project = await GitProject.PublishAsync(_folder, Ct);
        await project.OpenPullRequestsAsync(1, Ct);
        await using var provider = await Provider.StartAsync();
        provider.Script.When($"# The change of {GitProject.HostileFile}").AnswerWith(
            new FileReview([new(GitProject.HostileFile, 2, Severity.Error, "Returns the wrong end.")]));
        await using var service = new SampleService(_folder, project.Options with
        {
            Program = Path.ChangeExtension(Program, null),
            Settings = new Dictionary<string, string>(provider.Settings) { ["CodingAgent:Compute"] = "1cpu-1gb" },
        });
        await service.StartAsync(project.Customer(SampleService.Customer, "ReviewAgent"), Ct);
        using var http = new HttpClient { BaseAddress = service.Address };

        using var unknown = await HookAsync("nobody", 1);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (unknown.StatusCode, unknown.Content.Headers.ContentType?.MediaType));
        Assert.Contains("nobody", await unknown.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        using var accepted = await HookAsync(SampleService.Customer, 1);
        using var repeated = await HookAsync(SampleService.Customer, 1);
        Assert.Equal((HttpStatusCode.Accepted, accepted.Headers.Location), (accepted.StatusCode, repeated.Headers.Location));
        await foreach (var e in service.Api.FollowAsync(SampleService.Customer, accepted.Headers.Location!.ToString().Split('/')[^1], null, Ct))
            Assert.True(e.Type != "run.failed", $"{e.Data}");
        var run = await http.GetFromJsonAsync<JsonElement>(accepted.Headers.Location, Ct);
        Assert.Equal("Returns the wrong end.", run.GetProperty("result").GetProperty("findings")[0].GetProperty("message").GetString());
        Assert.Single(provider.Script.Requests);
        Assert.Empty(await service.CloseAsync(Ct));

        async Task<HttpResponseMessage> HookAsync(string customer, int number)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/pull-request") { Content = JsonContent.Create(new { customer, number }) };
            request.Headers.Add("X-Delivery", "delivery 1");
            return await http.SendAsync(request, Ct);
        }
    }

    [Fact]
    public async Task It_starts_is_healthy_offers_its_agents_and_the_dashboard_and_stops()
    {
        using var service = Process.Start(new ProcessStartInfo(
            "dotnet", [Program, "--urls", "http://127.0.0.1:0", "--OnCell:DataRoot", _folder])
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
