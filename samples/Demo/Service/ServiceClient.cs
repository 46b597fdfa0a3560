using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OnCell.Demo.Service;

/// <summary>The service refused a request.</summary>
public sealed class ServiceException(HttpStatusCode status, string message) : Exception(message)
{
    /// <summary>Gets the HTTP status.</summary>
    public HttpStatusCode Status => status;
}

/// <summary>OnCell's HTTP API, as any program would call it.</summary>
public sealed class ServiceClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new PatientHandler()) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Creates a customer and streams its progress.</summary>
    public IAsyncEnumerable<ServiceEvent> CreateCustomerAsync(object customer, CancellationToken cancellationToken) =>
        StreamAsync(HttpMethod.Post, "v1/customers", customer, null, cancellationToken);

    /// <summary>Lists the ids of the customers.</summary>
    public async Task<IReadOnlyList<string>> ListCustomersAsync(CancellationToken cancellationToken)
    {
        var customers = await GetAsync("v1/customers", cancellationToken);
        return [.. customers.EnumerateArray().Select(customer => customer.GetProperty("customer").GetString()!)];
    }

    /// <summary>Deletes a customer and all that belongs to it.</summary>
    public async Task DeleteCustomerAsync(string id, CancellationToken cancellationToken)
    {
        using var response = await _http.DeleteAsync(new Uri($"v1/customers/{id}", UriKind.Relative), cancellationToken);
        await CheckAsync(response, cancellationToken);
    }

    /// <summary>Wakes a customer's cell where it is paused.</summary>
    public async Task ResumeCustomerAsync(string id, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync(new Uri($"v1/customers/{id}/resume", UriKind.Relative), null, cancellationToken);
        await CheckAsync(response, cancellationToken);
    }

    /// <summary>Runs a method of the agent and streams its run.</summary>
    public IAsyncEnumerable<ServiceEvent> RunAsync(string method, string customer, object input, CancellationToken cancellationToken) =>
        StreamAsync(HttpMethod.Post, $"v1/agents/{method}/stream", new { customer, input }, null, cancellationToken);

    /// <summary>Runs a method of the agent and waits for its result.</summary>
    public async Task<JsonElement> CallAsync(string method, string customer, object input, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync($"v1/agents/{method}", new { customer, input }, cancellationToken);
        await CheckAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("result");
    }

    /// <summary>Starts a run and gets its id without waiting for it.</summary>
    public async Task<string> StartAsync(string method, string customer, object input, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/agents/{method}") { Content = JsonContent.Create(new { customer, input }) };
        request.Headers.Add("Prefer", "respond-async");
        using var response = await _http.SendAsync(request, cancellationToken);
        await CheckAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("runId").GetString()!;
    }

    /// <summary>Streams the events of a run after the one last seen, and follows it to its end.</summary>
    public IAsyncEnumerable<ServiceEvent> FollowAsync(string customer, string run, string? lastEventId, CancellationToken cancellationToken) =>
        StreamAsync(HttpMethod.Get, $"v1/runs/{customer}/{run}/events", null, lastEventId, cancellationToken);

    /// <summary>Gets the steps of a run.</summary>
    public async Task<IReadOnlyList<RunStep>> GetStepsAsync(string customer, string run, CancellationToken cancellationToken) =>
        (await GetAsync($"v1/runs/{customer}/{run}/steps", cancellationToken)).Deserialize<RunStep[]>(JsonSerializerOptions.Web)!;

    /// <summary>Gets any resource as JSON.</summary>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        await CheckAsync(response, cancellationToken);
        return await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async IAsyncEnumerable<ServiceEvent> StreamAsync(
        HttpMethod method, string path, object? body, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Accept.Add(new("text/event-stream"));
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        if (body is not null)
            request.Content = JsonContent.Create(body);

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await CheckAsync(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var parser = SseParser.Create(stream);
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
            yield return new(item.EventId, item.EventType, JsonSerializer.Deserialize<JsonElement>(item.Data));
    }

    private static async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        throw new ServiceException(response.StatusCode, $"{(int)response.StatusCode} from {response.RequestMessage!.RequestUri}: {body}");
    }
}
