using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(OnCell.Cli.Tests.Service))]

namespace OnCell.Cli.Tests;

/// <summary>One real service with real cells; every test has its command talk to it.</summary>
public sealed class Service : IAsyncLifetime
{
    public const string AdministratorKey = "administrator-of-the-tests-0123456789";

    private readonly string _dataRoot = Directory.CreateTempSubdirectory("oncell-test-").FullName;
    private WebApplication? _app;

    /// <summary>Gets what its settings are beside those of all tests.</summary>
    public Action<OnCellOptions>? Configure { get; init; }

    public string Url => _app!.Urls.Single() + "/v1";

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        await new Oncell(this).DoneAsync("customers", "create", "acme", "--config", "greeting=hello");
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Test" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddOnCell(o =>
        {
            o.DataRoot = _dataRoot;
            o.Deployments.Enabled = true;
            Configure?.Invoke(o);
        }).AddApiKeys(o => o.AdministratorKey = AdministratorKey).AddAgent<TestAgent>();
        _app = builder.Build();
        _app.MapOnCell();
        await _app.StartAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", AdministratorKey);
        for (var i = 0; !(await http.GetAsync(Url + "/customers")).IsSuccessStatusCode; i++)
        {
            Assert.True(i < 1200, "The service did not become ready.");
            await Task.Delay(50);
        }
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            var cells = _app.Services.GetRequiredService<ICellManager>();
            foreach (var cell in await cells.ListAsync(CancellationToken.None)) await cells.DeleteAsync(cell.Customer, CancellationToken.None);
            await StopAsync();
        }

        Directory.Delete(_dataRoot, recursive: true);
    }
}
