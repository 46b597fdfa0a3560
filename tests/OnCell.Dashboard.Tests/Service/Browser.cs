using Microsoft.Playwright;

namespace OnCell.Dashboard.Tests;

/// <summary>Debian's Chromium without a screen. It reaches loopback only: every other name leads nowhere.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowserContext _context;
    private readonly string _profile;

    private Browser(IPlaywright playwright, IBrowserContext context, string profile) =>
        (_playwright, _context, _profile) = (playwright, context, profile);

    public IBrowserContext Context => _context;

    public static async Task<Browser> StartAsync(ColorScheme scheme = ColorScheme.Light)
    {
        var profile = Directory.CreateTempSubdirectory("oncell-chromium-").FullName;
        var playwright = await Playwright.CreateAsync();
        var context = await playwright.Chromium.LaunchPersistentContextAsync(profile, new BrowserTypeLaunchPersistentContextOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Headless = true,
            ColorScheme = scheme,
            Permissions = ["clipboard-read", "clipboard-write"],
            ViewportSize = new ViewportSize { Width = 1180, Height = 760 },
            Timeout = 120_000,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            ],
        });

        // A busy machine is slow, not wrong.
        context.SetDefaultTimeout(90_000);
        Assertions.SetDefaultExpectTimeout(90_000);
        return new Browser(playwright, context, profile);
    }

    /// <summary>Opens the dashboard, signed in with a key; a browser that is signed in stays so.</summary>
    public async Task<IPage> SignInAsync(Site site, string key = Site.AdministratorKey)
    {
        var page = await _context.NewPageAsync();
        await page.GotoAsync($"{site.Address}/oncell/");
        var cells = page.GetByRole(AriaRole.Heading, new() { Name = "Cells" });
        var field = page.GetByLabel("API key");
        await Assertions.Expect(cells.Or(field)).ToBeVisibleAsync();
        if (await field.IsVisibleAsync())
        {
            await field.FillAsync(key);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        }

        await Assertions.Expect(cells).ToBeVisibleAsync();
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        _playwright.Dispose();
        Directory.Delete(_profile, recursive: true);
    }
}
