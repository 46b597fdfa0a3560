using System.Net.Http.Headers;

namespace OnCell.Client;

/// <summary>Where the service is, who calls, and how long to wait.</summary>
public sealed class OnCellClientOptions
{
    /// <summary>Gets or sets the address of the API with its prefix, such as <c>https://cells.example.com/v1</c>.</summary>
    public Uri? Address { get; set; }

    /// <summary>Gets or sets the API key, sent as <c>Authorization: Bearer …</c>; or <see langword="null"/> where the host has another scheme.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets how long one answer may take, to its last byte; streams have no such end.</summary>
    /// <value>The default is 10 minutes, which making a customer's cell may need; positive.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how often a request is sent at most, the first time included.</summary>
    /// <value>The default is 4; 1 to 20. A request that is not safe to repeat is sent once.</value>
    public int MaxAttempts { get; set; } = 4;

    /// <summary>Gets or sets the wait before the second attempt; it doubles from attempt to attempt, with jitter.</summary>
    /// <value>The default is 250 milliseconds; zero or more, at most a minute. The service's <c>Retry-After</c> wins; where it is more than a minute the refusal is told at once.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    internal void Validate()
    {
        if (Address is null || !Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https"))
            throw new ArgumentException("OnCellClientOptions.Address must be an http(s) address such as https://cells.example.com/v1.");
        if (ApiKey is { } key && (key.Length == 0 || key.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))))
            throw new ArgumentException("OnCellClientOptions.ApiKey is empty or has a space in it.");
        if (Timeout <= TimeSpan.Zero)
            throw new ArgumentException("OnCellClientOptions.Timeout must be positive.");
        if (MaxAttempts is < 1 or > 20)
            throw new ArgumentException("OnCellClientOptions.MaxAttempts must be 1 to 20.");
        if (RetryDelay < TimeSpan.Zero || RetryDelay > TimeSpan.FromMinutes(1))
            throw new ArgumentException("OnCellClientOptions.RetryDelay must be between zero and a minute.");
    }

    internal void ApplyTo(HttpClient http)
    {
        http.BaseAddress = new Uri(Address!.AbsoluteUri.TrimEnd('/') + "/");

        // Holds up to an answer's head; the transport holds answers that are read whole to it too, and lets streams go on.
        http.Timeout = Timeout;
        http.MaxResponseContentBufferSize = ApiLimits.MaxAnswerBytes;
        if (ApiKey is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
    }
}

internal static class ApiLimits
{
    public const int MaxAnswerBytes = 64 << 20;
}
