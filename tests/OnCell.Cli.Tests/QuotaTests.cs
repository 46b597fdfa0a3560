namespace OnCell.Cli.Tests;

/// <summary>A customer's quotas from the command line.</summary>
public sealed class QuotaTests(Service service)
{
    [Fact]
    public async Task Quotas_are_set_with_a_customer_shown_changed_and_given_back()
    {
        using var oncell = new Oncell(service);
        await oncell.DoneAsync("customers", "create", "thrifty", "--max-hours", "0", "--max-storage", "5gb");
        var refused = await oncell.RunAsync("run", "echo", "-c", "thrifty", "-i", """{"text":"x"}""");
        Assert.Equal(1, refused.Code);
        Assert.Contains("\"thrifty\" has used up its quota computeHoursPerMonth: 0", refused.Errors);
        Assert.Contains("oncell customers quotas set thrifty", refused.Errors);
        Assert.Contains("computeHoursPerMonth", await oncell.DoneAsync("usage", "-c", "thrifty"));

        var set = await oncell.DoneAsync("customers", "quotas", "set", "thrifty", "--max-hours", "100.5", "--max-tokens", "5,000,000");
        Assert.Contains("5,000,000", set);
        Assert.Contains("5.00 GB", set); // what is not named stays
        Assert.Equal("x", (await oncell.DoneAsync("run", "echo", "-c", "thrifty", "-i", """{"text":"x"}""")).Trim());
        var back = await oncell.JsonAsync("customers", "quotas", "set", "thrifty", "--max-hours", "default", "--max-tokens", "default");
        Assert.Equal("""{"storage":"5gb"}""", back["own"]!.ToJsonString());
        Assert.Contains("this customer", await oncell.DoneAsync("customers", "quotas", "show", "thrifty"));
        Assert.Contains("nothing is limited", (await oncell.RunAsync("customers", "quotas", "show", "acme")).Errors);

        foreach (var wrong in (string[][])[["--max-tokens", "many"], ["--max-tokens", "-1"], ["--max-hours", "NaN"], ["--max-storage", "5"], []])
        {
            var outcome = await oncell.RunAsync(["customers", "quotas", "set", "thrifty", .. wrong]);
            Assert.True(outcome.Code == 2, $"{string.Join(' ', wrong)}: {outcome.Code} {outcome.Errors}");
        }

        await oncell.DoneAsync("customers", "delete", "thrifty", "--yes");
    }
}
