using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnCell.Dashboard.Tests.Pages;

/// <summary>axe-core finds nothing serious on any page, in both colour schemes; and the keyboard alone is enough.</summary>
[Collection("one browser")]
public sealed class AccessibilityTests(Fixture fixture)
{
    /// <summary>Gets where pictures of the pages go: <c>ONCELL_SCREENSHOTS=docs/images</c>.</summary>
    private static string? Screenshots => Environment.GetEnvironmentVariable("ONCELL_SCREENSHOTS");

    private Site Site => fixture.Site;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious(ColorScheme scheme)
    {
        await Site.RunAsync("acme", "fetch", new { url = "https://denied.example/" });
        var done = await Site.RunAsync("acme", "task", new { instruction = "Add dark mode" });
        var waits = await Site.StartRunAsync("acme", "release", new { });
        var page = await fixture.Browser.Context.NewPageAsync();
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.GotoAsync($"{Site.Address}/oncell/");
        if (await page.EvaluateAsync<int>("fetch('session').then(r => r.status)") == 401)
        {
            await Expect(page.GetByLabel("API key")).ToBeVisibleAsync();
            Assert.Empty(await Axe.CheckAsync(page));
            await page.CloseAsync();
            page = await fixture.Browser.SignInAsync(Site);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        }

        await CheckAsync(page, "#/", page.GetByRole(AriaRole.Link, new() { Name = "acme" }));
        await page.GetByRole(AriaRole.Button, new() { Name = "New customer" }).ClickAsync();
        Assert.Empty(await Axe.CheckAsync(page));
        await page.Keyboard.PressAsync("Escape");
        await CheckAsync(page, "#/cells/acme", page.GetByRole(AriaRole.Heading, new() { Name = "Activity" }));
        await CheckAsync(page, "#/cells/acme/runs", page.GetByRole(AriaRole.Link, new() { Name = done }));
        await CheckAsync(page, "#/cells/acme/network", page.GetByRole(AriaRole.Heading, new() { Name = "Denied" }));
        await CheckAsync(page, "#/cells/acme/files", page.GetByRole(AriaRole.Button, new() { Name = "README.md" }));
        await CheckAsync(page, "#/cells/acme/git", page.GetByRole(AriaRole.Region, new() { Name = "Difference" }));
        await CheckAsync(page, "#/cells/acme/usage", page.Locator("oc-usage table, oc-usage p.muted:not([role])"));
        await CheckAsync(page, "#/cells/acme/terminal", page.Locator("oc-terminal .live:text-is('connected')"));
        await CheckAsync(page, $"#/runs/acme/{done}", page.GetByRole(AriaRole.Heading, new() { Name = "Result" }));
        await CheckAsync(page, $"#/runs/acme/{waits}", page.GetByRole(AriaRole.Button, new() { Name = "Approve" }));
        await page.GetByRole(AriaRole.Button, new() { Name = "Deny" }).ClickAsync();
        await Expect(page.Locator(".head .badge")).ToHaveTextAsync("completed");
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_keyboard_alone_is_enough()
    {
        var page = await fixture.Browser.SignInAsync(Site);
        await page.Keyboard.PressAsync("Tab");
        await page.GotoAsync($"{Site.Address}/oncell/#/cells/acme");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Overview" }).FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Runs" })).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Runs" })).ToHaveAttributeAsync("aria-selected", "true");
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Terminal" })).ToHaveAttributeAsync("aria-selected", "true");

        // A terminal takes the Tab key; there is a way out, and it is said.
        var screen = page.GetByRole(AriaRole.Textbox, new() { Name = "Terminal" });
        await Expect(screen).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(screen).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Control+Shift+Tab");
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Terminal" })).ToBeFocusedAsync();
        await page.CloseAsync();
    }

    private async Task CheckAsync(IPage page, string route, ILocator shown)
    {
        await page.GotoAsync($"{Site.Address}/oncell/{route}");
        await Expect(shown.First).ToBeVisibleAsync();
        Assert.Empty(await Axe.CheckAsync(page));
        if (Screenshots is not null) await PictureAsync(page, Screenshots, route);
    }

    /// <summary>Writes docs/images anew, where that is asked for.</summary>
    private static async Task PictureAsync(IPage page, string folder, string route)
    {
        var parts = route.Split('/');
        var name = parts switch
        {
            ["#", ""] => "cells",
            ["#", "runs", ..] => await page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).CountAsync() > 0 ? "approval" : "run",
            ["#", "cells", _] => "overview",
            _ => parts[^1] == "git" ? "changes" : parts[^1],
        };
        await page.SetViewportSizeAsync(1280, 760);
        if (name == "terminal")
        {
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Terminal" }).FocusAsync();
            await page.Keyboard.TypeAsync("uname -sr; ls -l; git log --oneline | head -3; echo $((6 * 7))\n");
            await Expect(page.GetByRole(AriaRole.Textbox, new() { Name = "Terminal" })).ToContainTextAsync("42");
        }

        var dark = await page.EvaluateAsync<bool>("matchMedia('(prefers-color-scheme: dark)').matches");
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{(dark ? "dark" : "light")}.png") });
    }
}
