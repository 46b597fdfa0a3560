using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OnCell.Models;

/// <summary>Chooses the client of a model call: exact model name, provider name, else the default; then the others in order.</summary>
/// <remarks>Waiting on a rate limit is the provider client's work; the router goes on to the next provider when a client gives up.</remarks>
internal sealed class ModelRouter : IDisposable
{
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
    }

    /// <summary>Asks the model; on failure the next one that may stand in for it.</summary>
    /// <exception cref="OnCellException">No such model, or every candidate failed.</exception>
    public async Task<ChatResponse> AskAsync(
        string? model, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        var candidates = Candidates(model ?? _default);
        Exception? last = null;
        foreach (var (provider, modelId) in candidates)
        {
            try
            {
                options.ModelId = modelId;
                return await Client(provider).GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                ModelLog.ProviderFailed(_logger, provider.Name, e);
                last = e;
            }
        }

        throw new OnCellException(OnCellError.Failed,
            $"No model answered (asked: {string.Join(", ", candidates.Select(c => c.Provider.Name))}): {last!.Message}", last);
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(c => c.IsValueCreated)) client.Value.Dispose();
    }

    private List<(ModelRegistration Provider, string? ModelId)> Candidates(string? model)
    {
        if (_providers.Count == 0)
            throw new OnCellException(OnCellError.Invalid,
                "No model is registered: call AddOnCell(…).AddModel(name, …), or set OnCell:Models in the configuration.");
        if (model is null) return [.. _providers.Take(_failover ? _providers.Count : 1).Select(p => (p, (string?)null))];

        var exact = _providers.FirstOrDefault(p => p.Models.Contains(model, StringComparer.Ordinal));
        var first = exact ?? _providers.FirstOrDefault(p => p.Name == model)
            ?? throw new OnCellException(OnCellError.Invalid,
                $"There is no model or provider \"{model}\". Registered: {string.Join(", ", _providers.SelectMany(p => p.Models.Prepend(p.Name)))}.");
        List<(ModelRegistration, string?)> candidates = [(first, exact is null ? null : model)];
        if (_failover) candidates.AddRange(_providers.Where(p => p != first).Select(p => (p, (string?)null)));
        return candidates;
    }

    private IChatClient Client(ModelRegistration provider) =>
        _clients.GetOrAdd(provider.Name, _ => new Lazy<IChatClient>(() => provider.Create(_services))).Value;
}

internal static partial class ModelLog
{
    [LoggerMessage(1100, LogLevel.Warning, "The model provider {Provider} failed")]
    public static partial void ProviderFailed(ILogger logger, string provider, Exception error);
}
