using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnCell.Dashboard.Tests.Pages;

/// <summary>The page over the OpenAPI document, as a developer has it: from the service alone.</summary>
[Collection("one browser")]
public sealed class ReferencePageTests(Fixture fixture)
{
    [Fact]
    public async Task The_page_shows_every_operation_without_an_error_and_asks_nobody_else()
    {
        var folder = Directory.CreateTempSubdirectory("oncell-dashboard-").FullName;
        await using (var app = await StartAsync(folder))
        {
            using var http = new HttpClient();
            var document = JsonNode.Parse(await http.GetStringAsync(app.Urls.Single() + "/v1/openapi.json"))!;
            var page = await fixture.Browser.Context.NewPageAsync();
            var (errors, requests) = (new ConcurrentQueue<string>(), new ConcurrentQueue<Uri>());
            page.Console += (_, message) => { if (message.Type == "error") errors.Enqueue(message.Text); };
            page.PageError += (_, error) => errors.Enqueue(error);
            page.Request += (_, request) => requests.Enqueue(new Uri(request.Url));
            await page.GotoAsync(app.Urls.Single() + "/v1/reference/");
            foreach (var tag in document["tags"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()))
            {
                var group = page.GetByRole(AriaRole.Button, new() { Name = $"Open Group - {tag}" });
                await Expect(group.Or(page.GetByRole(AriaRole.Button, new() { Name = $"Close Group - {tag}" }))).ToBeVisibleAsync();
                if (await group.IsVisibleAsync()) await group.ClickAsync();
            }

            foreach (var (path, item) in document["paths"]!.AsObject())
            {
                foreach (var (method, operation) in item!.AsObject())
                    await Expect(page.Locator($"a[href='#tag/{operation!["tags"]![0]}/{method.ToUpperInvariant()}{path}']").First).ToBeAttachedAsync();
            }

            await Expect(page.GetByText("Generate SDK")).ToBeHiddenAsync(); // what the page's maker offers elsewhere
            Assert.Empty(errors);
            Assert.Contains(requests, r => r.AbsolutePath == "/v1/openapi.json");
            Assert.All(requests, r => Assert.True(r.IsLoopback || r.Scheme == "data", r.ToString()));
            await page.CloseAsync();
            await app.StopAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<WebApplication> StartAsync(string folder)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddOnCell(o => o.DataRoot = folder).AddAgent<ShopAgent>().AddLoopbackAccess();
        var app = builder.Build();
        app.MapOnCell("/v1");
        await app.StartAsync();
        return app;
    }
}
