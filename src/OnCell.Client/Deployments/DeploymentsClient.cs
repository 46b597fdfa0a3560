using System.Net.Http.Headers;
using System.Text.Json;
using OnCell.Client.Json;
using OnCell.Client.Streaming;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>Deployments: packages of agents, the revisions they become, the environments that point to them. The administrator's right.</summary>
public sealed class DeploymentsClient
{
    private readonly ApiTransport _api;

    internal DeploymentsClient(ApiTransport api) => _api = api;

    /// <summary>Lists the revisions that are kept and where the environments point.</summary>
    public Task<Deployments> ListAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("deployments", ClientJson.Default.Deployments, cancellationToken);

    /// <summary>Sends a package and makes an environment point to it. It is sent once: nothing is repeated by itself.</summary>
    /// <param name="package">A zip of the agent project's assemblies with its <c>.deps.json</c>, as <c>oncell deploy</c> makes it.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="progress">Is told what is being done; or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Placement> DeployAsync(
        Stream package, string environment, IProgress<CellProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(package);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"deployments?environment={ApiTransport.Segment(environment)}")
        {
            Content = new StreamContent(package) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } },
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var response = await _api.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        var ready = await ProgressReader.ReadAsync(response, "deployment", progress, "The deployment failed", cancellationToken).ConfigureAwait(false)
            ?? throw new OnCellUnreachableException("The service ended before it said what became of the deployment; \"oncell deployments list\" shows it.");
        return JsonSerializer.Deserialize(ready, ClientJson.Default.Placement)!;
    }

    /// <summary>Makes an environment point to what another one points to.</summary>
    /// <param name="from">The environment whose revisions are taken.</param>
    /// <param name="to">The environment that gets them.</param>
    /// <param name="package">Only this package; or <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<Placement>> PromoteAsync(string from, string to, string? package = null, CancellationToken cancellationToken = default) =>
        _api.AnswerAsync(
            Once("deployments/promote", ApiTransport.Json(new NewPromotion(from, to, package), ClientJson.Default.NewPromotion)),
            ClientJson.Default.IReadOnlyListPlacement, cancellationToken);

    /// <summary>Makes an environment point to the revision before the one it points to.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="package">The package; may be <see langword="null"/> where the environment has only one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Placement> RollbackAsync(string environment, string? package = null, CancellationToken cancellationToken = default) =>
        _api.AnswerAsync(
            Once("deployments/rollback", ApiTransport.Json(new NewRollback(environment, package), ClientJson.Default.NewRollback)),
            ClientJson.Default.Placement, cancellationToken);

    /// <summary>Removes a revision that no environment and no run needs.</summary>
    /// <param name="revision">The revision's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task DeleteAsync(string revision, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"deployments/{ApiTransport.Segment(revision)}"), cancellationToken);

    // A rollback sent twice would go back twice.
    private static HttpRequestMessage Once(string path, HttpContent body) => new(HttpMethod.Post, path) { Content = body };
}
