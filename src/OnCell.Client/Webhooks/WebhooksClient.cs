using OnCell.Client.Json;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>Webhooks: add, list, remove, and what became of their messages. The administrator's right.</summary>
public sealed class WebhooksClient
{
    private readonly ApiTransport _api;

    internal WebhooksClient(ApiTransport api) => _api = api;

    /// <summary>Adds a webhook.</summary>
    /// <param name="url">Where the messages go.</param>
    /// <param name="events">Of what it is told; of everything where it is <see langword="null"/>.</param>
    /// <param name="customer">Whose events; those of all customers where it is <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<NewWebhook> CreateAsync(
        Uri url, IReadOnlyList<string>? events = null, string? customer = null, CancellationToken cancellationToken = default) =>
        _api.AnswerAsync(
            ApiTransport.Post("webhooks", ApiTransport.Json(new WebhookRequest(url, events, customer), ClientJson.Default.WebhookRequest)),
            ClientJson.Default.NewWebhook, cancellationToken);

    /// <summary>Lists the webhooks.</summary>
    public Task<IReadOnlyList<Webhook>> ListAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("webhooks", ClientJson.Default.IReadOnlyListWebhook, cancellationToken);

    /// <summary>Removes a webhook with its deliveries.</summary>
    /// <param name="webhook">The webhook's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task DeleteAsync(string webhook, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"webhooks/{ApiTransport.Segment(webhook)}"), cancellationToken);

    /// <summary>Lists the latest messages of a webhook, newest first.</summary>
    /// <param name="webhook">The webhook's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<WebhookDelivery>> ListDeliveriesAsync(string webhook, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"webhooks/{ApiTransport.Segment(webhook)}/deliveries", ClientJson.Default.IReadOnlyListWebhookDelivery, cancellationToken);

    /// <summary>Has a message sent again now.</summary>
    /// <param name="webhook">The webhook's id.</param>
    /// <param name="delivery">The message's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task RetryAsync(string webhook, string delivery, CancellationToken cancellationToken = default) =>
        _api.SendAsync(
            ApiTransport.Post($"webhooks/{ApiTransport.Segment(webhook)}/deliveries/{ApiTransport.Segment(delivery)}/retry", null), cancellationToken);
}
