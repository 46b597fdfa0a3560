using OnCell.Client.Json;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>Secrets of one customer, or of all. A value goes in and never comes out.</summary>
public sealed class SecretsClient
{
    private readonly ApiTransport _api;

    internal SecretsClient(ApiTransport api) => _api = api;

    /// <summary>Lists names, versions and times.</summary>
    /// <param name="customer">The customer, or <see langword="null"/> for the secrets of all customers.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<Secret>> ListAsync(string? customer, CancellationToken cancellationToken = default) =>
        _api.GetAsync(PathOf(customer), ClientJson.Default.IReadOnlyListSecret, cancellationToken);

    /// <summary>Sets a secret, or rotates it.</summary>
    /// <param name="customer">The customer, or <see langword="null"/> for all customers.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Secret> SetAsync(string? customer, string name, string value, CancellationToken cancellationToken = default) =>
        _api.AnswerAsync(
            new HttpRequestMessage(HttpMethod.Put, $"{PathOf(customer)}/{ApiTransport.Segment(name)}")
            {
                Content = ApiTransport.Json(new SecretValue(value), ClientJson.Default.SecretValue),
            },
            ClientJson.Default.Secret, cancellationToken);

    /// <summary>Removes a secret.</summary>
    /// <param name="customer">The customer, or <see langword="null"/> for all customers.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task DeleteAsync(string? customer, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"{PathOf(customer)}/{ApiTransport.Segment(name)}"), cancellationToken);

    private static string PathOf(string? customer) => customer is null ? "secrets" : $"customers/{ApiTransport.Segment(customer)}/secrets";
}

/// <summary>A secret without its value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Customer">Whose it is; <see langword="null"/> for all customers.</param>
/// <param name="Version">How often it was set.</param>
/// <param name="Changed">When it was set last.</param>
public sealed record Secret(string Name, string? Customer, long Version, DateTimeOffset Changed);

internal sealed record SecretValue(string Value)
{
    public override string ToString() => "a secret";
}
