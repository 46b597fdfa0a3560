using System.Net;
using Microsoft.Extensions.Logging;

namespace OnCell.Models.Providers;

/// <summary>What all providers of HTTP have in common: the idempotency key, the waits they ask for, and errors that say what to do.</summary>
/// <remarks>The providers' own libraries are told to try once: waiting has one home, and its bound is the operator's.</remarks>
internal sealed class ModelHttpHandler(
    ModelProviderOptions provider, HttpMessageHandler inner, TimeProvider time, ILogger logger) : DelegatingHandler(inner)
{
    private const int MaxErrorBytes = 64 << 10;
    private const HttpStatusCode Overloaded = (HttpStatusCode)529;

    /// <exception cref="ModelException">The provider did not answer with success.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = ModelCall.Current;
        if (call is not null && provider.IdempotencyHeader is { Length: > 0 } header)
        {
            request.Headers.Remove(header);
            request.Headers.TryAddWithoutValidation(header, call.Key);
        }

        // A body that is a stream could be sent but once.
        if (request.Content is { } content) await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
        var waited = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return response;
            using (response)
            {
                var body = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
                var error = ProviderError.Read(provider, response.StatusCode, body);
                var wait = RetryAfter.Read(response.Headers, attempt, time);
                if (!MayWait(response.StatusCode, error)) throw error;
                if (waited + wait > provider.MaxRateLimitWait)
                    throw ProviderError.WaitTooLong(provider, error, wait, waited);
                ModelLog.Waiting(logger, provider.Name, (int)response.StatusCode, wait.TotalSeconds, attempt + 1);
                call?.OnWait?.Invoke(wait);
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
                waited += wait;
            }
        }
    }

    private static bool MayWait(HttpStatusCode status, ModelException error) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or Overloaded && error.IsTransient;

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[MaxErrorBytes];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
