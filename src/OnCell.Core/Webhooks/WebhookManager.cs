using OnCell.Hosting;
using OnCell.Sandboxes;

namespace OnCell.Webhooks;

/// <summary>The public verbs over <see cref="WebhookTable"/>.</summary>
internal sealed class WebhookManager(CellHost host) : IWebhooks
{
    private const int MaxWebhooks = 1_000;
    private const int MaxUrl = 2_000;

    private WebhookTable Table => host.Cells.Services.Webhooks;

    public Task<(Webhook Webhook, string Secret)> AddAsync(
        Uri url, IReadOnlyList<string> events, string? customer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(events);
        if (!url.IsAbsoluteUri || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0 || url.OriginalString.Length > MaxUrl
            || url.OriginalString.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            throw Invalid("url", $"\"url\" must be an https address of at most {MaxUrl} characters without a user, a space or a control character in it.");
        if (events.Count == 0 || !events.All(WebhookEvents.All.Contains) || events.Distinct(StringComparer.Ordinal).Count() != events.Count)
            throw Invalid("events", $"\"events\" names some of {string.Join(", ", WebhookEvents.All)}, each once.");
        if (customer is not null) host.Cells.Get(customer);
        if (url.Scheme == "http" && System.Net.IPAddress.TryParse(url.DnsSafeHost, out var address) && PublicAddress.WhyNot(address) is null)
            throw Invalid("url", "\"url\" leads to the internet without encryption: use https.");
        if (Table.All.Count >= MaxWebhooks)
            throw new OnCellException(OnCellError.Busy, $"There are {MaxWebhooks} webhooks, which is the limit. Delete those that nobody listens to.");
        return Task.FromResult(Table.Add(url, events, customer));
    }

    public Task<IReadOnlyList<Webhook>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(Table.All);

    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) => Task.FromResult(Table.Remove(id));

    public Task<IReadOnlyList<WebhookDelivery>> ListDeliveriesAsync(string id, CancellationToken cancellationToken)
    {
        Demand(id);
        return Task.FromResult(Table.ListDeliveries(id));
    }

    public Task RetryAsync(string id, string delivery, CancellationToken cancellationToken)
    {
        Demand(id);
        if (!Table.Retry(id, delivery)) throw new OnCellException(OnCellError.NotFound, $"The webhook \"{id}\" has no delivery \"{delivery}\".") { Field = "delivery" };
        host.Cells.Services.WebhookSender.Wake();
        return Task.CompletedTask;
    }

    private void Demand(string id)
    {
        if (Table.All.All(w => w.Id != id)) throw new OnCellException(OnCellError.NotFound, $"There is no webhook \"{id}\".") { Field = "webhook" };
    }

    private static OnCellException Invalid(string field, string message) => new(OnCellError.Invalid, message) { Field = field };
}
