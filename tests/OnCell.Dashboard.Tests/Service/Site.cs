using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OnCell.Dashboard.Tests;

/// <summary>A real service with the dashboard: Kestrel on loopback, real cells, a data root of its own.</summary>
public sealed class Site : IAsyncDisposable
{
    public const string AdministratorKey = "administrator-of-the-dashboard-tests-0123";

    private readonly WebApplication _app;

    private Site(WebApplication app, string dataRoot)
    {
        _app = app;
        DataRoot = dataRoot;
        Address = app.Urls.Single();
        Http = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(5) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdministratorKey);
    }

    public string Address { get; }

    public string DataRoot { get; }

    /// <summary>Gets an administrator's client of the API.</summary>
    public HttpClient Http { get; }

    public static async Task<Site> StartAsync(string? dataRoot = null, string? address = null)
    {
        dataRoot ??= Directory.CreateTempSubdirectory("oncell-dashboard-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Test" });
        builder.WebHost.UseUrls(address ?? "http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services
            .AddOnCell(o =>
            {
                o.DataRoot = dataRoot;
                o.Hosts["shop.test"] = "127.0.0.1";
            })
            .AddApiKeys(o => o.AdministratorKey = AdministratorKey)
            .AddAgent<ShopAgent>()
            .AddModel("upper", _ => new UpperCaseModel());
        var app = builder.Build();
        app.MapOnCell();
        app.MapOnCellDashboard();
        await app.StartAsync();
        var site = new Site(app, dataRoot);
        await site.ReadyAsync();
        return site;
    }

    public async Task CreateAsync(string customer)
    {
        using var response = await Http.PostAsJsonAsync("/v1/customers", new { id = customer });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Starts a run and gives its id.</summary>
    public async Task<string> StartRunAsync(string customer, string method, object input)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{method}") { Content = JsonContent.Create(new { customer, input }) };
        request.Headers.Add("Prefer", "respond-async");
        using var response = await Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!["runId"]!.GetValue<string>();
    }

    /// <summary>Runs a method to its end.</summary>
    public async Task<string> RunAsync(string customer, string method, object input)
    {
        var run = await StartRunAsync(customer, method, input);
        using var events = await Http.GetAsync($"/v1/runs/{customer}/{run}/events");
        await events.Content.ReadAsStringAsync();
        return run;
    }

    /// <summary>Makes an API key.</summary>
    public async Task<(string Id, string Text)> KeyAsync(string name, string? customer, params string[] areas)
    {
        using var response = await Http.PostAsJsonAsync("/v1/keys", new { name, customer, areas });
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True(response.IsSuccessStatusCode, body.ToJsonString());
        return (body["key"]!["id"]!.GetValue<string>(), body["text"]!.GetValue<string>());
    }

    /// <summary>Stops the service; its sandboxes go on, as after a crash.</summary>
    public async Task StopAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cell in (await Http.GetFromJsonAsync<JsonArray>("/v1/customers"))!)
            (await Http.DeleteAsync($"/v1/customers/{cell!["customer"]}")).Dispose();
        await StopAsync();
        Directory.Delete(DataRoot, recursive: true);
    }

    private async Task ReadyAsync()
    {
        for (var i = 0; i < 1200; i++)
        {
            using var response = await Http.GetAsync("/v1/customers");
            if (response.IsSuccessStatusCode) return;
            await Task.Delay(50);
        }

        throw new TimeoutException("The service did not become ready.");
    }
}
