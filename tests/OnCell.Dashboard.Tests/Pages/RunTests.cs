using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnCell.Dashboard.Tests.Pages;

/// <summary>The timeline of a run: figures, marks, decisions, and a service that dies and comes back under the page.</summary>
[Collection("one browser")]
public sealed class RunTests(Fixture fixture)
{
    private Site Site => fixture.Site;

    [Fact]
    public async Task Tokens_time_and_output_stand_on_each_step()
    {
        var run = await Site.RunAsync("acme", "task", new { instruction = "Add dark mode" });
        var page = await fixture.Browser.SignInAsync(Site);
        await page.GotoAsync($"{Site.Address}/oncell/#/runs/acme/{run}");
        await Expect(page.Locator("li.step")).ToHaveCountAsync(4);
        var answer = page.Locator("li.step").Nth(1);
        await Expect(answer).ToContainTextAsync("1,243 tokens");
        await Expect(answer.Locator(".figures")).ToContainTextAsync("ms");
        await answer.Locator("summary").ClickAsync();
        await Expect(answer.Locator("pre.output")).ToContainTextAsync("PLAN: ADD DARK MODE");
        await Expect(page.Locator(".facts")).ToContainTextAsync("1,243");
        await page.CloseAsync();
    }

    [Theory]
    [InlineData("Approve", "released")]
    [InlineData("Deny", "held back")]
    public async Task A_run_that_waits_for_a_person_is_decided_by_a_click(string verb, string result)
    {
        await Site.CreateAsync(verb.ToLowerInvariant());
        var run = await Site.StartRunAsync(verb.ToLowerInvariant(), "release", new { });
        var page = await fixture.Browser.SignInAsync(Site);
        await page.GotoAsync($"{Site.Address}/oncell/#/runs/{verb.ToLowerInvariant()}/{run}");
        await Expect(page.Locator(".decision")).ToContainTextAsync("release to production");
        await page.GetByRole(AriaRole.Button, new() { Name = verb }).ClickAsync();
        await Expect(page.Locator(".head .badge")).ToHaveTextAsync("completed");
        await Expect(page.Locator("h2:text-is('Result') + pre")).ToHaveTextAsync(result);
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_run_is_cancelled()
    {
        await Site.CreateAsync("cancelled");
        var run = await Site.StartRunAsync("cancelled", "watch", new { lines = 5000 });
        var page = await fixture.Browser.SignInAsync(Site);
        await page.GotoAsync($"{Site.Address}/oncell/#/runs/cancelled/{run}");
        await Expect(page.Locator("li.step")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the run" }).ClickAsync();
        await Expect(page.Locator(".head .badge")).ToHaveTextAsync("cancelled");
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_service_that_restarts_under_the_page_shows_what_was_replayed_and_what_was_found_again()
    {
        var site = await Site.StartAsync();
        await site.CreateAsync("acme");
        var run = await site.StartRunAsync("acme", "twice", new { lines = 60 });
        var page = await fixture.Browser.SignInAsync(site);
        await page.GotoAsync($"{site.Address}/oncell/#/runs/acme/{run}");
        await Expect(page.Locator("li.step")).ToHaveCountAsync(2);
        await site.StopAsync();
        await Expect(page.Locator(".head .live")).ToHaveTextAsync("connecting");
        site = await Site.StartAsync(site.DataRoot, site.Address);
        await Expect(page.Locator(".head .badge")).ToHaveTextAsync("completed");
        await Expect(page.Locator("li.step").Nth(0).Locator(".marks")).ToContainTextAsync("replayed");
        await Expect(page.Locator("li.step").Nth(1).Locator(".marks")).ToContainTextAsync("re-attached");
        await Expect(page.Locator(".facts")).ToContainTextAsync("after a restart");
        await page.CloseAsync();
        await site.DisposeAsync();
    }
}
