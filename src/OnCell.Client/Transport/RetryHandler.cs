using System.Net;

namespace OnCell.Client.Transport;

/// <summary>
/// Sends again what may be sent again: what cannot change anything twice (GET, DELETE, PUT), and a POST with its
/// <c>Idempotency-Key</c>, which the service takes as the same request. Anything else is sent once.
/// </summary>
internal sealed class RetryHandler(OnCellClientOptions options, TimeProvider time) : DelegatingHandler
{
    public const string KeyHeader = "Idempotency-Key";

    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(1);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var attempts = MayRepeat(request) ? options.MaxAttempts : 1;
        for (var attempt = 1; ; attempt++)
        {
            HttpResponseMessage? response = null;
            try
            {
                response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (attempt >= attempts || !IsPassing(response.StatusCode) || Wanted(response) > MaxDelay) return response;
            }
            catch (HttpRequestException) when (attempt < attempts)
            {
                // Nobody answered, or the answer was cut off: the next attempt tells.
            }

            var delay = Delay(attempt, response);
            response?.Dispose();
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool MayRepeat(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Delete
        || request.Method == HttpMethod.Put || request.Headers.Contains(KeyHeader);

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private TimeSpan Delay(int attempt, HttpResponseMessage? response)
    {
        var wanted = Wanted(response) ?? options.RetryDelay * (1 << Math.Min(attempt - 1, 10)) * (0.75 + Random.Shared.NextDouble() / 2);
        return wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > MaxDelay ? MaxDelay : wanted;
    }

    /// <summary>Gets how long the service says to wait, if it does. A quota of the month may last for weeks: that is told, not waited for.</summary>
    private TimeSpan? Wanted(HttpResponseMessage? response) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };
}
