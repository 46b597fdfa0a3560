using OnCell.Registry;
using OnCell.Webhooks;

namespace OnCell.Core.Tests.Webhooks;

/// <summary>Webhooks that are removed meanwhile, cannot be stored or not be signed: nobody else may suffer from them.</summary>
public sealed class WebhookHazardTests
{
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


