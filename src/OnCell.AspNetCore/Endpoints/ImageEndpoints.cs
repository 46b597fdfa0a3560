using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.AspNetCore.Streaming;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>The base systems of cells: list, build ahead, remove what nobody uses. The administrator's right: they are of all customers at once.</summary>
internal static class ImageEndpoints
{
    private const double MaxDays = 36_500;

    public static void Map(RouteGroupBuilder group)
    {
        var images = group.MapGroup("/images").RequireAuthorization(OnCellPolicies.Deploy).AddEndpointFilter<AllCustomersFilter>().WithTags("images");
        images.MapGet("", ListAsync).Describe("images.list", "Lists the base systems of cells: what each is made of, takes, and is used by; those last asked for first.").Pages();
        images.MapPost("/build", BuildAsync)
            .Describe("images.build", "Builds the base systems of an agent's cells, or of all agents; with Accept: text/event-stream it streams the progress.")
            .Takes<BuildImagesBody>().Produces<BuiltImagesView>();
        images.MapPost("/prune", PruneAsync).Describe("images.prune", "Removes the base systems that no agent, cell or local model uses.").Takes<PruneImagesBody>();
    }

    private static async Task<IReadOnlyList<ImageInfo>> ListAsync(HttpRequest request, IImages images, CancellationToken ct) =>
        Page.OfList(request, await images.ListAsync(ct), i => i.Digest);

    private static async Task<IResult> BuildAsync(HttpRequest request, IImages images, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<BuildImagesBody>(request, ct);
        return EventStream.IsWanted(request)
            ? EventStream.Result(await ProgressStream.StartAsync("images", new JsonObject(), Build, ct))
            : JsonAnswer.Of(await Build(null));

        async Task<BuiltImagesView> Build(IProgress<CellProgress>? progress) =>
            new(await images.BuildAsync(body.Agent, body.Environment, progress, ct));
    }

    private static async Task<ImagePruning> PruneAsync(HttpRequest request, IImages images, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<PruneImagesBody>(request, ct);
        return body.UnusedForDays is null or (>= 0 and <= MaxDays)
            ? await images.PruneAsync(TimeSpan.FromDays(body.UnusedForDays ?? 0), body.DryRun ?? false, ct)
            : throw Ask.Invalid("unusedForDays", $"\"unusedForDays\" is a number from 0 to {MaxDays}.");
    }
}

/// <summary>The body of <c>POST /images/build</c>.</summary>
internal sealed record BuildImagesBody
{
    /// <summary>Gets the agent; all of them where there is none.</summary>
    public string? Agent { get; init; }

    /// <summary>Gets the environment whose agent it is; production where there is none. Only with an agent.</summary>
    public string? Environment { get; init; }
}

/// <summary>The images of the agents that were named.</summary>
internal sealed record BuiltImagesView(IReadOnlyList<ImageInfo> Images);

/// <summary>The body of <c>POST /images/prune</c>.</summary>
internal sealed record PruneImagesBody
{
    /// <summary>Gets whether to say only what would be removed; no where it is not given.</summary>
    public bool? DryRun { get; init; }

    /// <summary>Gets how many days an image was not asked for, at least; 0 where it is not given.</summary>
    public double? UnusedForDays { get; init; }
}
