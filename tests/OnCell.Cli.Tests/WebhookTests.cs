namespace OnCell.Cli.Tests;

/// <summary>Webhooks from the command line.</summary>
public sealed class WebhookTests(Service service)
{
    [Fact]
    public async Task A_webhook_is_made_shown_and_removed()
    {
        using var oncell = new Oncell(service);
        var made = await oncell.JsonAsync("webhooks", "create", "https://hooks.acme.test/x", "--event", "run.failed", "--customer", "acme");
        var id = made["webhook"]!["id"]!.GetValue<string>();
        Assert.StartsWith("whsec_", made["secret"]!.GetValue<string>());
        var list = await oncell.DoneAsync("webhooks", "list");
        Assert.Contains("https://hooks.acme.test/x", list);
        Assert.Contains("run.failed", list);
        Assert.DoesNotContain("whsec_", list);
        Assert.Empty((await oncell.JsonAsync("webhooks", "deliveries", id)).AsArray());
        Assert.Equal(5, (await oncell.RunAsync("webhooks", "retry", id, "none")).Code);
        await oncell.DoneAsync("webhooks", "delete", id);
        Assert.Equal(5, (await oncell.RunAsync("webhooks", "deliveries", id)).Code);
        Assert.Equal(2, (await oncell.RunAsync("webhooks", "create", "https://hooks.acme.test/x", "--event", "run.exploded")).Code);
    }
}
