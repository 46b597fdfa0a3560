using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnCell.Dashboard.Tests.Pages;

/// <summary>From "denied" to "allowed" with what the dashboard says.</summary>
[Collection("one browser")]
public sealed class NetworkTests(Fixture fixture)
{
    [Fact]
    public async Task A_denied_connection_shows_the_rule_and_is_allowed_once_it_was_added()
    {
        await using var shop = await StartShopAsync();
        var url = $"http://shop.test:{new Uri(shop.Urls.Single()).Port}/";
        var site = await Site.StartAsync();
        await site.CreateAsync("net");
        await site.RunAsync("net", "fetch", new { url });
        var page = await fixture.Browser.SignInAsync(site);
        await page.GotoAsync($"{site.Address}/oncell/#/cells/net/network");
        var denial = page.Locator(".denials li");
        await Expect(denial).ToContainTextAsync("shop.test");
        await Expect(page.Locator("tbody tr").First.Locator(".badge")).ToHaveTextAsync("denied");
        var rule = await denial.Locator("code").TextContentAsync();
        await denial.GetByRole(AriaRole.Button).ClickAsync();

        // The rule goes into the agent, which is code: the next version of the service has it.
        ShopAgent.Allow = [rule!, "127.0.0.0/8"];
        await site.StopAsync();
        site = await Site.StartAsync(site.DataRoot, site.Address);
        await site.RunAsync("net", "fetch", new { url });
        await Expect(page.Locator("tbody tr .badge").Filter(new() { HasText = "allowed" }).First).ToBeVisibleAsync();
        ShopAgent.Allow = [];
        await page.CloseAsync();
        await site.DisposeAsync();
    }

    private static async Task<WebApplication> StartShopAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", () => Results.Text("a shop"));
        await app.StartAsync();
        return app;
    }
}
