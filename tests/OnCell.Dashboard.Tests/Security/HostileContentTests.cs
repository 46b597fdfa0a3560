using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnCell.Dashboard.Tests.Security;

/// <summary>Whatever a repository, a file name, a log line or an error holds: it is shown as text.</summary>
[Collection("one browser")]
public sealed class HostileContentTests(Fixture fixture)
{
    private Site Site => fixture.Site;

    [Fact]
    public async Task Hostile_files_names_output_results_and_errors_are_text()
    {
        await Site.CreateAsync("hostile");
        var run = await Site.RunAsync("hostile", "attack", new { });
        var failed = await Site.RunAsync("hostile", "fail", new { });
        var page = await fixture.Browser.SignInAsync(Site);
        List<string> alarms = [];
        page.Dialog += async (_, dialog) =>
        {
            alarms.Add(dialog.Message);
            await dialog.DismissAsync();
        };
        page.Console += (_, message) =>
        {
            // A refused markup or script would be told here: even the attempt is a defect.
            if (message.Text.Contains("Content Security Policy") || message.Text.Contains("TrustedHTML")) alarms.Add(message.Text);
        };

        await OpenAsync(page, $"#/runs/hostile/{run}", page.Locator("h2:text-is('Result') + pre"), ShopAgent.Attack);
        foreach (var step in await page.Locator("li.step summary").AllAsync()) await step.ClickAsync();
        await Expect(page.Locator("li.step").Last.Locator("pre.output")).ToContainTextAsync(ShopAgent.Attack);
        await Expect(page.Locator("li.step").Last.Locator("pre.output")).ToContainTextAsync("red");
        await OpenAsync(page, $"#/runs/hostile/{failed}", page.Locator(".card.bad"), ShopAgent.Attack);
        await OpenAsync(page, "#/cells/hostile/runs", page.Locator("tbody"), ShopAgent.Attack);
        await OpenAsync(page, "#/cells/hostile/git", page.Locator("oc-git"), "x<b>bold");
        await Expect(page.Locator(".diff .plus")).ToContainTextAsync(ShopAgent.Attack);
        await Expect(page.Locator("oc-git tbody")).ToContainTextAsync("<img src=x onerror=alert(1)>.txt");
        await OpenAsync(page, "#/cells/hostile/files", page.Locator("oc-files"), "<img src=x onerror=alert(1)>.txt");
        await page.GetByRole(AriaRole.Button, new() { Name = "attack.html" }).ClickAsync();
        await Expect(page.Locator("oc-files pre")).ToContainTextAsync(ShopAgent.Attack);
        await OpenAsync(page, "#/cells/hostile/terminal", page.Locator(".screen"), "#");
        await page.Locator(".screen").PressSequentiallyAsync("cat attack.html; printf '\\033]0;<b>\\007\\033[31mred\\033[0m %s\\n' done\n");
        await Expect(page.Locator(".screen")).ToContainTextAsync("red done");

        Assert.Empty(alarms);
        Assert.DoesNotContain("owned", await page.TitleAsync());
        Assert.Equal(0, await page.Locator("main img, main script, main b >> text=bold").CountAsync());
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_policy_lets_nothing_else_in()
    {
        using var response = await Site.Http.GetAsync("/oncell/");
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.DoesNotContain("http", policy);
        var page = await fixture.Browser.SignInAsync(Site);
        foreach (var attempt in (string[])
                 [
                     "document.body.innerHTML = '<b>x</b>'", "document.createElement('script').text = 'x'",
                     "new DOMParser().parseFromString('<b>', 'text/html')", "document.createElement('iframe').srcdoc = 'x'",
                 ])
        {
            // In the page's own world, as a script that got in would be.
            var refused = await page.EvaluateAsync<bool>($"() => {{ try {{ {attempt}; return false; }} catch (e) {{ return true; }} }}");
            Assert.True(refused, attempt);
        }

        var foreign = await page.EvaluateAsync<bool>("fetch('http://127.0.0.1:9/').then(() => false, () => true)");
        Assert.True(foreign);
        await page.CloseAsync();
    }

    private async Task OpenAsync(IPage page, string route, ILocator place, string text)
    {
        await page.GotoAsync($"{Site.Address}/oncell/{route}");
        await Expect(place).ToContainTextAsync(text);
    }
}
