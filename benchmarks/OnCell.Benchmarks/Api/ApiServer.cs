using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OnCell.Hosting;

namespace OnCell.Benchmarks.Api;

/// <summary>A real Kestrel with the API and a bare endpoint beside it.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    public const string Key = "administrator-of-the-benchmark-0123456789";

    private readonly WebApplication _app;

    private ApiServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<ApiServer> StartAsync(string dataRoot)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddOnCell(o => o.DataRoot = dataRoot)
            .AddAgent<NothingAgent>()
            .AddApiKeys(o => o.AdministratorKey = Key);
        var app = builder.Build();
        app.MapOnCell("/v1");
        var record = new CellInfo
        {
            Customer = "bench",
            Agent = nameof(NothingAgent),
            State = CellState.Active,
            Created = DateTimeOffset.UnixEpoch,
            Changed = DateTimeOffset.UnixEpoch,
            Timings = new Dictionary<string, double> { ["create_ms"] = 1, ["exec_ms"] = 1, ["sandbox_ms"] = 1 },
        };
        app.MapGet("/bare", () => Microsoft.AspNetCore.Http.Results.Json(record, OnCellJson.Options));
        await app.StartAsync();
        while (!app.Services.GetRequiredService<CellHost>().Status.Ready) await Task.Delay(10);
        return new ApiServer(app);
    }

    public HttpClient Client() => new()
    {
        BaseAddress = Address,
        Timeout = TimeSpan.FromMinutes(2),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Key) },
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>An agent whose only method does nothing, so that what is measured is the way there.</summary>
public sealed class NothingAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-1gb", Storage = "300mb", Packages = ["git", "python3"] };

    public Task<int> NothingAsync(CellContext ctx) => Task.FromResult(ctx.Customer.Length);
}
