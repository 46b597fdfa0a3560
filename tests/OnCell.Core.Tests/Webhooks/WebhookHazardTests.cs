using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Hosting;
using OnCell.Journaling;
using OnCell.Registry;
using OnCell.Webhooks;

namespace OnCell.Core.Tests.Webhooks;

/// <summary>Webhooks that are removed meanwhile, cannot be stored or not be signed: nobody else may suffer from them.</summary>
public sealed class WebhookHazardTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void What_is_told_while_a_webhook_is_removed_is_not_kept_for_nobody()
    {
        var folder = Directory.CreateTempSubdirectory("oncell-test-").FullName;
        try
        {
            using var database = RegistryDatabase.Open(Path.Combine(folder, "registry.db"));
            using var box = new SecretBox(Path.Combine(folder, "keys"));
            var table = new WebhookTable(database, box, TimeProvider.System);
            var (webhook, _) = table.Add(new Uri("https://a.test/"), WebhookEvents.All, null);
            var meanwhile = new WebhookTable(database, box, TimeProvider.System); // has read the webhooks and is about to write
            Assert.True(table.Remove(webhook.Id));
            meanwhile.Enqueue(WebhookEvents.RunFailed, "acme", "run", DateTimeOffset.MaxValue, "{}");
            Assert.Empty(table.Due(10)); // a message without a webhook would be due for ever
            Assert.Null(table.NextDue());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Without_encryption_only_what_the_operator_allows_is_dialled()
    {
        var options = new WebhookOptions();
        options.Allow.Add("10.1.2.0/24");
        using var sender = new WebhookSender(null!, options, TimeProvider.System, NullLogger.Instance);
        IPAddress[] addresses = [IPAddress.Parse("93.184.216.34"), IPAddress.Parse("10.1.2.3"), IPAddress.Loopback];
        Assert.Equal(addresses[..2], sender.Reachable("https", addresses));
        Assert.Equal(addresses[1..2], sender.Reachable("http", addresses)); // a name may lead anywhere, whenever
    }

    [Fact]
    public async Task A_message_that_cannot_be_stored_does_not_stop_the_runs_of_its_cell()
    {
        await using var host = await TestHost.StartAsync<WebhookAgent>();
        await host.CreateAsync("acme");
        await host.Services.GetRequiredService<IWebhooks>().AddAsync(new Uri("https://127.0.0.1:1/"), WebhookEvents.All, null, Ct);
        var database = host.Services.GetRequiredService<CellHost>().Cells.Services.Database;
        database.Execute("CREATE TRIGGER no_room BEFORE INSERT ON delivery BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
        try
        {
            for (var i = 0; i < 2; i++) // the one after the one that could not be told
            {
                var run = await host.Cells.StartRunAsync("acme", "ok", [], null, Ct);
                Assert.Equal(RunState.Completed, (await host.Cells.WaitRunAsync("acme", run.Id, Ct).WaitAsync(Limit, Ct)).State);
            }
        }
        finally
        {
            database.Execute("DROP TRIGGER no_room");
        }
    }

    [Fact]
    public async Task Messages_that_cannot_be_signed_do_not_keep_others_from_being_sent()
    {
        await using var host = await TestHost.StartAsync<WebhookAgent>(o =>
        {
            o.Webhooks.FirstDelay = TimeSpan.FromMilliseconds(50);
            o.Webhooks.MaxAttempts = 3;
        });
        var webhooks = host.Services.GetRequiredService<IWebhooks>();
        var services = host.Services.GetRequiredService<CellHost>().Cells.Services;
        for (var i = 0; i < 8; i++) await webhooks.AddAsync(new Uri("https://127.0.0.1:1/"), [WebhookEvents.RunFailed], null, Ct);
        services.Database.Execute("UPDATE webhook SET secret=x'00'");
        var (healthy, _) = await webhooks.AddAsync(new Uri("https://127.0.0.1:1/"), [WebhookEvents.RunCompleted], null, Ct);
        foreach (var type in (string[])[WebhookEvents.RunFailed, WebhookEvents.RunCompleted])
            services.Webhooks.Enqueue(type, "acme", "run", DateTimeOffset.MaxValue, "{}");
        services.WebhookSender.Wake();
        using var limit = new CancellationTokenSource(Limit);
        while ((await webhooks.ListDeliveriesAsync(healthy.Id, Ct)).Single().State == DeliveryState.Pending) await Task.Delay(20, limit.Token);
    }
}
