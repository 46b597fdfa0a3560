namespace OnCell.Client;

/// <summary>An address that is told of what happens.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where to.</param>
/// <param name="Events">Of what it is told.</param>
/// <param name="Customer">Whose events; none for all customers.</param>
/// <param name="Created">Since when.</param>
public sealed record Webhook(string Id, Uri Url, IReadOnlyList<string> Events, string? Customer, DateTimeOffset Created);

/// <summary>A new webhook.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Secret">The secret that signs its messages; it is never shown again.</param>
public sealed record NewWebhook(Webhook Webhook, string Secret);

/// <summary>One message to one webhook.</summary>
/// <param name="Id">Its id, the same however often it is sent.</param>
/// <param name="Event">What happened.</param>
/// <param name="Customer">Whose.</param>
/// <param name="Created">When it happened.</param>
/// <param name="State"><c>pending</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Next">When it is tried next, where it is pending.</param>
/// <param name="Answer">What the last try came to.</param>
public sealed record WebhookDelivery(
    string Id, string Event, string Customer, DateTimeOffset Created, string State, int Attempts, DateTimeOffset? Next, string? Answer);

/// <summary>The body that asks for a webhook.</summary>
internal sealed record WebhookRequest(Uri Url, IReadOnlyList<string>? Events, string? Customer);
