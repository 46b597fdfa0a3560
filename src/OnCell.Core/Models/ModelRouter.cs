using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.Models.Calls;
using OnCell.Models.Providers;

namespace OnCell.Models;

/// <summary>Chooses the client of a model call: exact model name, provider name, else the default; then the others in order.</summary>
internal sealed class ModelRouter : IDisposable
{
    /// <summary>The name of the activities and meters; their parts have OpenTelemetry's names (<c>gen_ai.*</c>).</summary>
    private const string TelemetrySource = "OnCell";

    private readonly IReadOnlyList<ModelRegistration> _providers;
    private readonly string? _default;
    private readonly bool _failover;
    private readonly IServiceProvider _services;
    private readonly ILogger<ModelRouter> _logger;
    private readonly ConcurrentDictionary<string, Lazy<IChatClient>> _clients = new(StringComparer.Ordinal);

    public ModelRouter(
        IEnumerable<ModelRegistration> providers, IOptions<OnCellOptions> options, IServiceProvider services, ILogger<ModelRouter> logger)
    {
        _services = services;
        _logger = logger;
        _providers = [.. providers, .. options.Value.Models.Select(ConfiguredModel.Register)];
        _default = options.Value.DefaultModel;
        _failover = options.Value.ModelFailover;
        if (_providers.GroupBy(p => p.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new OnCellException(OnCellError.Invalid, $"Two model providers are named \"{twice.Key}\": give each a name of its own.");
    }

    public ILogger Logger => _logger;

    /// <summary>Asks the model; on failure the next one that may stand in for it.</summary>
    /// <exception cref="ModelException">No such model, or every candidate failed.</exception>
    public async Task<ModelAnswer> AskAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        var candidates = Candidates(request.Model, request.LocalOnly);
        var failures = new List<ModelException>();
        foreach (var (provider, modelId) in candidates)
        {
            try
            {
                return await AskAsync(provider, modelId, request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                ModelLog.ProviderFailed(_logger, provider.Name, e);
                failures.Add(ModelErrors.From(e, provider.Name));
            }
        }

        if (failures is [var only]) throw only;
        var last = failures.LastOrDefault(f => f.IsTransient) ?? failures[^1];
        throw new ModelException(last.Failure, $"No model answered. {string.Join(" ", failures.Select(f => f.Message))}", last);
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(c => c.IsValueCreated)) client.Value.Dispose();
    }

    private async Task<ModelAnswer> AskAsync(
        ModelRegistration provider, string? modelId, ModelRequest request, CancellationToken cancellationToken)
    {
        var client = Client(provider);
        var options = request.Options.Clone();
        options.ModelId = modelId;
        ModelCall.Current = new ModelCall(request.Key, request.OnWait);
        if (!request.Stream)
            return new ModelAnswer(await client.GetResponseAsync(request.Messages, options, cancellationToken).ConfigureAwait(false), provider.Name);

        request.OnText?.Invoke(null);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync(request.Messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            if (update.Text is { Length: > 0 } text) request.OnText?.Invoke(text);
        }

        return new ModelAnswer(updates.ToChatResponse(), provider.Name);
    }

    private List<(ModelRegistration Provider, string? ModelId)> Candidates(string? asked, bool localOnly)
    {
        if (_providers.Count == 0)
            throw new ModelException(ModelFailure.UnknownModel,
                "No model is registered: call AddOnCell(…).AddModel(name, …), or set OnCell:Models in the configuration.");
        var model = asked ?? _default;
        var exact = model is null ? null : _providers.FirstOrDefault(p => p.Models.Contains(model, StringComparer.Ordinal));
        var first = exact ?? (model is null ? _providers[0] : _providers.FirstOrDefault(p => p.Name == model))
            ?? throw new ModelException(ModelFailure.UnknownModel,
                $"There is no model or provider \"{model}\". Registered: {string.Join(", ", _providers.SelectMany(p => p.Models.Prepend(p.Name)).Distinct())}.");
        if (localOnly && !first.Local)
        {
            if (asked is not null)
                throw new ModelException(ModelFailure.AirGapped,
                    $"The cell is air-gapped (CellNetwork.AirGapped), and the model \"{asked}\" is not on this host. Nothing was sent. {LocalOnes()}");
            (first, exact) = (_providers.FirstOrDefault(p => p.Local)
                ?? throw new ModelException(ModelFailure.AirGapped, $"The cell is air-gapped (CellNetwork.AirGapped). Nothing was sent. {LocalOnes()}"), null);
        }

        List<(ModelRegistration, string?)> candidates = [(first, exact is null ? null : model)];
        if (_failover) candidates.AddRange(_providers.Where(p => p != first && (p.Local || !localOnly)).Select(p => (p, (string?)null)));
        return candidates;
    }

    private string LocalOnes() => _providers.Where(p => p.Local).Select(p => $"\"{p.Name}\"").ToList() is { Count: > 0 } names
        ? $"Use {string.Join(" or ", names)}."
        : "No local model is registered: call AddOnCell(…).AddLocalModel(name, …).";

    private IChatClient Client(ModelRegistration provider) =>
        _clients.GetOrAdd(provider.Name, _ => new Lazy<IChatClient>(() =>
            provider.Create(_services).AsBuilder().UseOpenTelemetry(sourceName: TelemetrySource).Build())).Value;
}
