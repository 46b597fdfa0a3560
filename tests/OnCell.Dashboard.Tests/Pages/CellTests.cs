using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnCell.Dashboard.Tests.Pages;

/// <summary>A person's way through the dashboard, in a real browser before a real service with real cells.</summary>
[Collection("one browser")]
public sealed class CellTests(Fixture fixture)
{
    private Site Site => fixture.Site;

    [Fact]
    public async Task A_customer_is_created_runs_is_watched_paused_woken_and_deleted()
    {
        var page = await fixture.Browser.SignInAsync(Site);
        await page.GetByRole(AriaRole.Button, new() { Name = "New customer" }).ClickAsync();
        await page.GetByLabel("Id").FillAsync("acme");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("exists");
        await page.GetByLabel("Id").FillAsync("newcomer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "newcomer" });
        await Expect(row.Locator(".badge")).ToHaveTextAsync("active");

        await page.GetByRole(AriaRole.Link, new() { Name = "newcomer" }).ClickAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Runs" }).ClickAsync();
        await page.GetByText("Start a run").ClickAsync();
        await page.GetByLabel("Method").FillAsync("watch");
        await page.GetByLabel("Input, as JSON").FillAsync("{\"lines\": \"many\"}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("lines");
        await page.GetByLabel("Input, as JSON").FillAsync("{\"lines\": 40}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();

        // Live: the step is under way, its output comes as it is written, and a paused cell is refused while it runs.
        var step = page.Locator("li.step");
        await Expect(step.Locator(".badge")).ToHaveTextAsync("running");
        await step.Locator("summary").ClickAsync();
        await Expect(step.Locator("pre.output")).ToContainTextAsync("line 5");
        await Expect(page.Locator(".head .badge")).ToHaveTextAsync("completed");
        await Expect(step.Locator(".marks")).ToContainTextAsync("executed");
        await Expect(step.Locator("pre.output")).ToContainTextAsync("exit code 0");
        await Expect(page.Locator("h2:text-is('Result') + pre")).ToContainTextAsync("line 40");

        await page.GotoAsync($"{Site.Address}/oncell/#/cells/newcomer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop newcomer" }).ClickAsync();
        await Expect(page.Locator(".head .badge")).ToHaveTextAsync("paused · stopped");
        await page.GetByRole(AriaRole.Button, new() { Name = "Wake newcomer" }).ClickAsync();
        await Expect(page.Locator(".head .badge")).ToHaveTextAsync("active");
        await Expect(page.Locator(".facts").Filter(new() { HasText = "wake" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Type the id").FillAsync("newcomer");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Cells" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "newcomer" })).ToHaveCountAsync(0);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Files_and_changes_are_shown()
    {
        await Site.CreateAsync("files");
        await Site.RunAsync("files", "task", new { instruction = "Add dark mode" });
        var page = await fixture.Browser.SignInAsync(Site);
        await page.GotoAsync($"{Site.Address}/oncell/#/cells/files/files");
        await page.GetByRole(AriaRole.Button, new() { Name = "src/" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "theme.js" }).ClickAsync();
        await Expect(page.Locator("oc-files pre")).ToContainTextAsync("matchMedia");
        await page.GetByRole(AriaRole.Button, new() { Name = "..", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "README.md" }).ClickAsync();
        await Expect(page.Locator("oc-files pre")).ToContainTextAsync("A small shop.");

        await page.GetByRole(AriaRole.Tab, new() { Name = "Changes" }).ClickAsync();
        await Expect(page.Locator("oc-git tbody tr")).ToContainTextAsync("src/theme.js");
        await Expect(page.Locator(".diff .minus")).ToContainTextAsync("\"light\"");
        await Expect(page.Locator(".diff .plus")).ToContainTextAsync("matchMedia");
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_terminal_takes_keys_and_signals_and_knows_its_size()
    {
        await Site.CreateAsync("terminal");
        var page = await fixture.Browser.SignInAsync(Site);
        await page.GotoAsync($"{Site.Address}/oncell/#/cells/terminal/terminal");
        var screen = page.GetByRole(AriaRole.Textbox, new() { Name = "Terminal" });
        await Expect(screen).ToContainTextAsync("#");
        await screen.PressSequentiallyAsync("echo answer=$((6*7))\n");
        await Expect(screen).ToContainTextAsync("answer=42");

        // What the command itself says is the proof that it runs, and that the key will be its.
        await screen.PressSequentiallyAsync("sh -c 'echo sleep\"\"ing; exec sleep 1000'\n");
        await Expect(screen).ToContainTextAsync("sleeping");
        await screen.PressAsync("Control+c");
        await screen.PressSequentiallyAsync("echo again=$?\n");
        await Expect(screen).ToContainTextAsync("again=130");

        var before = await WidthAsync(page, screen, "first");
        await page.SetViewportSizeAsync(820, 760);
        Assert.True(await WidthAsync(page, screen, "second", below: before) < before);

        await screen.PressSequentiallyAsync("exit 7\n");
        await Expect(page.Locator("oc-terminal .live")).ToHaveTextAsync("the shell ended with 7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connect" }).ClickAsync();
        await Expect(page.Locator("oc-terminal .live")).ToHaveTextAsync("connected");
        await page.CloseAsync();
    }

    /// <summary>Asks the shell how wide its terminal is, until it says what is expected.</summary>
    private static async Task<int> WidthAsync(IPage page, ILocator screen, string mark, int below = int.MaxValue)
    {
        for (var i = 0; ; i++)
        {
            await screen.PressSequentiallyAsync($"echo {mark}{i}=$(stty size)=\n");
            await Expect(screen).ToContainTextAsync(new System.Text.RegularExpressions.Regex($"{mark}{i}=\\d+ \\d+="));
            var text = await screen.TextContentAsync() ?? "";
            var width = int.Parse(System.Text.RegularExpressions.Regex.Match(text, $"{mark}{i}=\\d+ (\\d+)=").Groups[1].Value);
            if (width < below || i == 20) return width;
            await page.WaitForTimeoutAsync(200);
        }
    }
}
