using System.Text.Json.Nodes;
using OnCell.Client.Json;
using OnCell.Client.Streaming;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>Runs: list, look at, follow, cancel.</summary>
public sealed class RunsClient
{
    private readonly ApiTransport _api;

    internal RunsClient(ApiTransport api) => _api = api;

    /// <summary>Lists a customer's runs, newest first.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<Run>> ListAsync(string customer, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"runs?customer={ApiTransport.Segment(customer)}", ClientJson.Default.IReadOnlyListRun, cancellationToken);

    /// <summary>Gets a run.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Run> GetAsync(string customer, string run, CancellationToken cancellationToken = default) =>
        _api.GetAsync(PathOf(customer, run), ClientJson.Default.Run, cancellationToken);

    /// <summary>Lists a run's steps in order.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<Step>> StepsAsync(string customer, string run, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"{PathOf(customer, run)}/steps", ClientJson.Default.IReadOnlyListStep, cancellationToken);

    /// <summary>Streams a run's events: those stored after a number, then live ones, until the run ends.</summary>
    /// <remarks>A broken connection is opened again after the last event that was read: no stored event is missed or told twice.</remarks>
    /// <param name="customer">The customer.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="after">The number of the event after which to begin; 0 for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<RunEvent> EventsAsync(
        string customer, string run, long after = 0, CancellationToken cancellationToken = default) =>
        new RunEventReader(_api, PathOf(customer, run)).ReadAsync(null, after, cancellationToken);

    /// <summary>Asks a run to end; it ends at its next step.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task CancelAsync(string customer, string run, CancellationToken cancellationToken = default) =>
        _api.SendAsync(ApiTransport.Post($"{PathOf(customer, run)}/cancel", null), cancellationToken);

    /// <summary>Gets what a step ended with; <see langword="null"/> where it has not, or it is too large.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="position">The step's position.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<JsonNode?> StepResultAsync(string customer, string run, string position, CancellationToken cancellationToken = default)
    {
        var path = string.Join('/', position.Split('/').Select(ApiTransport.Segment));
        return (await _api.GetAsync($"{PathOf(customer, run)}/steps/{path}", ClientJson.Default.JsonObject, cancellationToken).ConfigureAwait(false))["result"];
    }

    /// <summary>Sends a signal to a run that waits for one, or will.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="name">The signal's name.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="key">The idempotency key: signals with one key are one; or <see langword="null"/> for a key of its own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task SignalAsync(
        string customer, string run, string name, JsonNode? payload, string? key = null, CancellationToken cancellationToken = default) =>
        _api.SendAsync(
            ApiTransport.Post(
                $"{PathOf(customer, run)}/signal",
                ApiTransport.Json(new JsonObject { ["name"] = name, ["payload"] = payload?.DeepClone() }, ClientJson.Default.JsonObject), key),
            cancellationToken);

    /// <summary>Decides on a step that waits for a person.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="position">The step's position.</param>
    /// <param name="decision">What is decided.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Run> DecideAsync(
        string customer, string run, string position, RunDecision decision, CancellationToken cancellationToken = default)
    {
        var body = new JsonObject { ["position"] = position };
        decision.WriteTo(body);
        return _api.AnswerAsync(
            ApiTransport.Post($"{PathOf(customer, run)}/decide", ApiTransport.Json(body, ClientJson.Default.JsonObject)),
            ClientJson.Default.Run, cancellationToken);
    }

    internal static string PathOf(string customer, string run) => $"runs/{ApiTransport.Segment(customer)}/{ApiTransport.Segment(run)}";
}
