namespace OnCell.Cli.Tests;

/// <summary>Customers and their cells from the command line.</summary>
public sealed class CustomerTests(Service service)
{
    [Fact]
    public async Task A_cell_is_paused_woken_copied_restored_forked_and_deleted()
    {
        using var oncell = new Oncell(service);
        await oncell.DoneAsync("customers", "create", "first");
        Assert.Contains("first", await oncell.DoneAsync("customers", "list"));
        Assert.Equal("paused", State(await oncell.JsonAsync("customers", "pause", "first", "--tier", "frozen")));
        Assert.Equal("active", State(await oncell.JsonAsync("customers", "resume", "first")));
        Assert.Contains("first", await oncell.DoneAsync("cells", "inspect", "first"));

        await oncell.DoneAsync("customers", "snapshots", "create", "first", "--name", "before");
        Assert.Contains("before", await oncell.DoneAsync("customers", "snapshots", "list", "first"));
        await TypeAsync(oncell, "first", "echo changed > readme.md");
        await oncell.DoneAsync("customers", "fork", "first", "second");
        Assert.Contains("changed", await TypeAsync(oncell, "second", "cat readme.md"));
        Assert.Equal(2, (await oncell.RunAsync("customers", "snapshots", "restore", "first", "before")).Code);
        await oncell.DoneAsync("customers", "snapshots", "restore", "first", "before", "--yes");
        Assert.Contains("hello", await TypeAsync(oncell, "first", "cat readme.md"));
        await oncell.DoneAsync("customers", "snapshots", "delete", "first", "before");
        Assert.Empty((await oncell.JsonAsync("customers", "snapshots", "list", "first")).AsArray());

        foreach (var customer in (string[])["first", "second"]) await oncell.DoneAsync("customers", "delete", customer, "--yes");
        var gone = await oncell.RunAsync("cells", "inspect", "second");
        Assert.Equal(5, gone.Code);
    }

    [Fact]
    public async Task A_terminal_in_the_cell_ends_with_the_shells_code()
    {
        using var oncell = new Oncell(service);
        var outcome = await oncell.TypeAsync("echo $((6 * 7)); tty; exit 9\n", "cells", "shell", "acme");
        Assert.Equal(9, outcome.Code);
        Assert.Contains("42", outcome.Output);
        Assert.Contains("/dev/pts/", outcome.Output);
    }

    [Fact]
    public async Task What_a_customer_used_is_shown()
    {
        using var oncell = new Oncell(service);
        for (var i = 0; !(await oncell.DoneAsync("usage", "--customer", "acme")).Contains("active_seconds", StringComparison.Ordinal); i++)
        {
            Assert.True(i < 240, "Nothing was counted.");
            await Task.Delay(250, TestContext.Current.CancellationToken);
        }

        Assert.True((await oncell.JsonAsync("usage", "--customer", "acme"))["totals"]!["active_seconds"]!.GetValue<double>() > 0);
        Assert.Equal(2, (await oncell.RunAsync("usage", "--customer", "acme", "--since", "2026-01-02", "--until", "2026-01-01")).Code);
    }

    [Fact]
    public async Task The_doctor_says_what_the_host_has()
    {
        using var oncell = new Oncell(service);
        var outcome = await oncell.RunAsync("doctor");
        Assert.Contains("runsc", outcome.Output);
        Assert.Contains("root", outcome.Output);
        Assert.NotEqual("", (await oncell.JsonAsync("doctor")).ToJsonString());
    }

    private static async Task<string> TypeAsync(Oncell oncell, string customer, string line)
    {
        var outcome = await oncell.TypeAsync($"{line}; exit\n", "cells", "shell", customer);
        Assert.True(outcome.Code == 0, outcome.Output + outcome.Errors);
        return outcome.Output;
    }

    private static string State(System.Text.Json.Nodes.JsonNode cell) => cell["state"]!.GetValue<string>().ToLowerInvariant();
}
