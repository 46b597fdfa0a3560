using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OnCell.Client.Errors;

namespace OnCell.Client.Transport;

/// <summary>Sends requests and reads answers: JSON in, JSON or server-sent events out, every failure as an exception.</summary>
internal sealed class ApiTransport(HttpClient http)
{
    public HttpClient Http => http;

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AnswerAsync(new HttpRequestMessage(HttpMethod.Get, path), type, cancellationToken);

    public Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AnswerAsync(Post(path, null), type, cancellationToken);

    public async Task SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        using (await OpenAsync(request, cancellationToken).ConfigureAwait(false))
        {
        }
    }

    public async Task<T> AnswerAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using (request)
        using (var response = await OpenAsync(request, cancellationToken).ConfigureAwait(false))
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            limit.CancelAfter(http.Timeout);
            try
            {
                await using var body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
                return await JsonSerializer.DeserializeAsync(body, type, limit.Token).ConfigureAwait(false)
                    ?? throw new JsonException("the answer is null");
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw TooSlow(e);
            }
            catch (JsonException e)
            {
                throw new OnCellUnreachableException(
                    $"What answers at {request.RequestUri} is no OnCell service of this version: {e.Message}", e);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw new OnCellUnreachableException($"The answer of {request.RequestUri} was cut off: {e.Message}", e);
            }
        }
    }

    /// <summary>A POST with a key of its own, unless the caller gives one, so that sending it again does nothing twice.</summary>
    public static HttpRequestMessage Post(string path, HttpContent? body, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        request.Headers.Add(RetryHandler.KeyHeader, key ?? Guid.NewGuid().ToString("n"));
        return request;
    }

    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type) => new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type))
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
    };

    /// <summary>Sends a request and returns the answer once its head is there and says success.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new OnCellUnreachableException($"No answer from {http.BaseAddress}: {e.Message}", e);
        }

        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooSlow(e);
        }

        if (response.IsSuccessStatusCode) return response;
        using (response) throw await Problem.ReadAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private OnCellUnreachableException TooSlow(Exception e) =>
        new($"{http.BaseAddress} did not answer within {http.Timeout} (OnCellClientOptions.Timeout).", e);

    /// <summary>One segment of a path, whatever it holds.</summary>
    public static string Segment(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);

        // "." and ".." survive escaping and would be folded away on the way.
        return value is "." or ".."
            ? throw new ArgumentException($"\"{value}\" cannot name anything.", nameof(value))
            : Uri.EscapeDataString(value);
    }
}
