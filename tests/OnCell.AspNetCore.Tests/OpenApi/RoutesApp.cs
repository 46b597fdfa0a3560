using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace OnCell.AspNetCore.Tests.OpenApi;

/// <summary>The routes and their document in a test server, without a cell; its data root goes with it.</summary>
internal sealed class RoutesApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private RoutesApp(WebApplication app, string folder) => (_app, _folder) = (app, folder);

    public static async Task<RoutesApp> StartAsync(string environment = "Test")
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseTestServer();
        var folder = Directory.CreateTempSubdirectory("oncell-openapi-").FullName;
        builder.Services.AddOnCell(o => o.DataRoot = folder)
            .AddAgent<TestAgent>()
            .AddApiKeys(o => o.AdministratorKey = Service.AdministratorKey);
        builder.Services.AddOpenApi("v1", OpenApiForm.Configure);
        var app = builder.Build();
        app.MapOnCell("/v1");
        app.MapOpenApi("/generated/{documentName}.json");
        await app.StartAsync();
        return new RoutesApp(app, folder);
    }

    public HttpClient NewClient() => _app.GetTestClient();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
