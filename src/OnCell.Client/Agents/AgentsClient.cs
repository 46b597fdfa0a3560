using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using OnCell.Client.Json;
using OnCell.Client.Streaming;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>Calls of agents' methods. A call with a key is one run, however often it is sent.</summary>
public sealed class AgentsClient
{
    private readonly ApiTransport _api;

    internal AgentsClient(ApiTransport api) => _api = api;

    /// <summary>Starts a run and returns when it is durable.</summary>
    /// <param name="customer">Whose cell it runs in.</param>
    /// <param name="method">The method, such as <c>task</c>.</param>
    /// <param name="input">The arguments by name.</param>
    /// <param name="key">The idempotency key: starts with one key are one run; or <see langword="null"/> for a key of its own.</param>
    /// <param name="cancellationToken">Ends the call, not the run.</param>
    public Task<Run> StartAsync(
        string customer, string method, JsonObject input, string? key = null, CancellationToken cancellationToken = default)
    {
        var request = Request(customer, method, "", input, key);
        request.Headers.Add("Prefer", "respond-async");
        return _api.AnswerAsync(request, ClientJson.Default.Run, cancellationToken);
    }

    /// <summary>Starts a run and streams all its events, over as many connections as it takes.</summary>
    /// <param name="customer">Whose cell it runs in.</param>
    /// <param name="method">The method, such as <c>task</c>.</param>
    /// <param name="input">The arguments by name.</param>
    /// <param name="key">The idempotency key; or <see langword="null"/> for a key of its own.</param>
    /// <param name="cancellationToken">Ends the stream, not the run.</param>
    public async IAsyncEnumerable<RunEvent> StreamAsync(
        string customer, string method, JsonObject input, string? key = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = Request(customer, method, "/stream", input, key);
        var response = await _api.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        var run = response.Headers.Location?.OriginalString.Split('/')[^1]
            ?? throw new OnCellUnreachableException("The service did not name the run that it started (no Location).");
        var reader = new RunEventReader(_api, RunsClient.PathOf(customer, Uri.UnescapeDataString(run)));
        await foreach (var e in reader.ReadAsync(response, 0, cancellationToken).ConfigureAwait(false)) yield return e;
    }

    /// <summary>Starts a run and waits for its end, or for the moment in which it needs a person.</summary>
    /// <returns>The run; look at <see cref="Run.State"/>.</returns>
    /// <param name="customer">Whose cell it runs in.</param>
    /// <param name="method">The method, such as <c>task</c>.</param>
    /// <param name="input">The arguments by name.</param>
    /// <param name="key">The idempotency key; or <see langword="null"/> for a key of its own.</param>
    /// <param name="cancellationToken">Ends the wait, not the run.</param>
    public async Task<Run> RunAsync(
        string customer, string method, JsonObject input, string? key = null, CancellationToken cancellationToken = default)
    {
        var run = await StartAsync(customer, method, input, key, cancellationToken).ConfigureAwait(false);
        var events = new RunEventReader(_api, RunsClient.PathOf(customer, run.RunId)).ReadAsync(null, 0, cancellationToken);
        await foreach (var e in events.ConfigureAwait(false))
        {
            if (e.Type == "step.needs-decision") break;
        }

        return await _api.GetAsync(RunsClient.PathOf(customer, run.RunId), ClientJson.Default.Run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a run, waits for its end and reads its result.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="customer">Whose cell it runs in.</param>
    /// <param name="method">The method, such as <c>task</c>.</param>
    /// <param name="input">The arguments by name.</param>
    /// <param name="result">How the result is read.</param>
    /// <param name="key">The idempotency key; or <see langword="null"/> for a key of its own.</param>
    /// <param name="cancellationToken">Ends the wait, not the run.</param>
    /// <exception cref="OnCellRunException">The run did not complete.</exception>
    public async Task<T?> RunAsync<T>(
        string customer, string method, JsonObject input, JsonTypeInfo<T> result, string? key = null, CancellationToken cancellationToken = default)
    {
        var run = await RunAsync(customer, method, input, key, cancellationToken).ConfigureAwait(false);
        if (run.State != RunState.Completed) throw new OnCellRunException(run);
        return run.Result is null ? default : run.Result.Deserialize(result);
    }

    private static HttpRequestMessage Request(string customer, string method, string suffix, JsonObject input, string? key) =>
        ApiTransport.Post(
            $"agents/{ApiTransport.Segment(method)}{suffix}",
            ApiTransport.Json(new RunRequest(customer, input), ClientJson.Default.RunRequest), key);
}
