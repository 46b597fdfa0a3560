using System.Net.Http.Headers;
using System.Text.Json;
using OnCell.Client.Json;
using OnCell.Client.Streaming;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>The base systems of cells: list, build ahead, remove what nobody uses. The administrator's right.</summary>
public sealed class ImagesClient
{
    private const int PageSize = 1000;

    private readonly ApiTransport _api;

    internal ImagesClient(ApiTransport api) => _api = api;

    /// <summary>Lists the images, those last asked for first; at most 1,000.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<Image>> ListAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync($"images?limit={PageSize}", ClientJson.Default.IReadOnlyListImage, cancellationToken);

    /// <summary>Has the images of an agent, or of all agents, built; one that is there is not built again.</summary>
    /// <param name="agent">The agent; <see langword="null"/> for all.</param>
    /// <param name="environment">The environment whose agent it is; <see langword="null"/> for production. Only with an agent.</param>
    /// <param name="progress">Is told what is being done; or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up; a build that was begun for this call is ended.</param>
    /// <returns>The agents' images.</returns>
    public async Task<IReadOnlyList<Image>> BuildAsync(
        string? agent = null, string? environment = null, IProgress<CellProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "images/build")
        {
            Content = ApiTransport.Json(new NewBuild(agent, environment), ClientJson.Default.NewBuild),
        };

        // Minutes may pass: by its events a stream shows that the service lives, where an answer that is waited for would time out.
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var response = await _api.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        var ready = await ProgressReader.ReadAsync(response, "images", progress, "The images could not be built", cancellationToken).ConfigureAwait(false)
            ?? throw new OnCellUnreachableException("The service ended before it said what became of the build: build again; what is done is not done twice.");
        return JsonSerializer.Deserialize(ready, ClientJson.Default.BuiltImages)!.Images;
    }

    /// <summary>Removes the images that no agent, cell or local model of the service uses.</summary>
    /// <param name="dryRun">Whether to say only what would be removed.</param>
    /// <param name="unusedFor">How long an image was not asked for, at least; <see langword="null"/> for any time. One of the last minute stays.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ImagePruning> PruneAsync(bool dryRun = false, TimeSpan? unusedFor = null, CancellationToken cancellationToken = default) =>
        _api.AnswerAsync(
            ApiTransport.Post("images/prune", ApiTransport.Json(new NewPruning(dryRun, (unusedFor ?? TimeSpan.Zero).TotalDays), ClientJson.Default.NewPruning)),
            ClientJson.Default.ImagePruning, cancellationToken);
}
