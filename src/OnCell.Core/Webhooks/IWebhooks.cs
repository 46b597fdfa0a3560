namespace OnCell;

/// <summary>Addresses that are told of what happens: signed, retried until they answer, over restarts too.</summary>
/// <remarks>Every method throws <see cref="OnCellException"/> with <see cref="OnCellError.Unavailable"/> while another process owns the data root.</remarks>
public interface IWebhooks
{
    /// <summary>Adds a webhook.</summary>
    /// <param name="url">Where to: https, or http where <see cref="WebhookOptions.Allow"/> names the address.</param>
    /// <param name="events">Of what it is told, of <see cref="WebhookEvents.All"/>.</param>
    /// <param name="customer">Whose events; or <see langword="null"/> for those of all customers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The webhook, and the secret that signs its messages, which is never shown again.</returns>
    Task<(Webhook Webhook, string Secret)> AddAsync(Uri url, IReadOnlyList<string> events, string? customer, CancellationToken cancellationToken);

    /// <summary>Lists the webhooks.</summary>
    Task<IReadOnlyList<Webhook>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Removes a webhook with its deliveries.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string id, CancellationToken cancellationToken);

    /// <summary>Lists the latest 1,000 deliveries of a webhook, newest first. Those that ended are kept for 30 days.</summary>
    /// <exception cref="OnCellException">There is no such webhook.</exception>
    Task<IReadOnlyList<WebhookDelivery>> ListDeliveriesAsync(string id, CancellationToken cancellationToken);

    /// <summary>Has a delivery tried again now, whatever became of it.</summary>
    /// <exception cref="OnCellException">There is no such delivery.</exception>
    Task RetryAsync(string id, string delivery, CancellationToken cancellationToken);
}

/// <summary>What a webhook can be told of.</summary>
public static class WebhookEvents
{
    /// <summary>A run completed.</summary>
    public const string RunCompleted = "run.completed";

    /// <summary>A run failed.</summary>
    public const string RunFailed = "run.failed";

    /// <summary>A run was cancelled.</summary>
    public const string RunCancelled = "run.cancelled";

    /// <summary>A run waits for a person's decision.</summary>
    public const string RunNeedsDecision = "run.needsDecision";

    /// <summary>A customer has used four fifths of a quota.</summary>
    public const string QuotaNear = "quota.near";

    /// <summary>Gets all of them.</summary>
    public static IReadOnlyList<string> All { get; } = [RunCompleted, RunFailed, RunCancelled, RunNeedsDecision, QuotaNear];
}

/// <summary>An address that is told of what happens.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where to.</param>
/// <param name="Events">Of what it is told.</param>
/// <param name="Customer">Whose events; none for all customers.</param>
/// <param name="Created">Since when.</param>
public sealed record Webhook(string Id, Uri Url, IReadOnlyList<string> Events, string? Customer, DateTimeOffset Created);

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>It is tried, or tried again, when its time has come.</summary>
    Pending,

    /// <summary>The address took it.</summary>
    Delivered,

    /// <summary>It was tried for the last time.</summary>
    Failed,
}

/// <summary>One message to one webhook.</summary>
/// <param name="Id">Its id, which the receiver gets too: the same message has the same id however often it comes.</param>
/// <param name="Event">What happened.</param>
/// <param name="Customer">Whose.</param>
/// <param name="Created">When it happened.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Next">When it is tried next, where it is pending.</param>
/// <param name="Answer">What the last try came to.</param>
public sealed record WebhookDelivery(
    string Id, string Event, string Customer, DateTimeOffset Created, DeliveryState State, int Attempts, DateTimeOffset? Next, string? Answer);
