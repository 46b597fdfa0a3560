using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.AspNetCore.Streaming;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Deployments: agents that come to the running service. The administrator's right, and off unless the operator allows it.</summary>
internal static class DeploymentEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var deployments = group.MapGroup("/deployments").RequireAuthorization(OnCellPolicies.Deploy).AddEndpointFilter<AllCustomersFilter>()
            .WithTags("deployments");
        deployments.MapGet("", ListAsync).Describe("deployments.list", "Lists the revisions that are kept and where the environments point.");
        deployments.MapPost("", DeployAsync)
            .Describe("deployments.create", "Takes a package of agents and makes an environment point to it; with Accept: text/event-stream it streams the progress.")
            .Queries(("environment", "The environment that gets it."))
            .WithMetadata(new BodyDescription(typeof(Stream)))
            .Produces<Placement>(StatusCodes.Status201Created).ProducesProblem(408).ProducesProblem(413).ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapPost("/promote", PromoteAsync).Describe("deployments.promote", "Makes an environment point to what another one points to.")
            .Takes<PromoteBody>().ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapPost("/rollback", RollbackAsync).Describe("deployments.rollback", "Makes an environment point to the revision before.")
            .Takes<RollbackBody>().ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapDelete("/{revision}", DeleteAsync).Describe("deployments.delete", "Removes a revision that nothing needs.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<DeploymentsView> ListAsync(IDeployments deployments, CancellationToken ct) => new(
        System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier,
        await deployments.ListPlacementsAsync(ct), await deployments.ListRevisionsAsync(ct));

    private static async Task<IResult> DeployAsync(HttpRequest request, ApiAccess access, IDeployments deployments, CancellationToken ct)
    {
        var environment = Ask.Required(request, "environment", "Name the environment that gets the package: ?environment=staging.");

        // A package is larger than what a server takes by default; its own limit is counted as it comes in.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        if (EventStream.IsWanted(request))
            return EventStream.Result(await ProgressStream.StartAsync("deployment", new JsonObject { ["environment"] = environment }, Deploy, ct));
        var placement = await Deploy(null);
        return JsonAnswer.At(request, $"{request.PathBase}{request.Path}/{placement.Revision}", placement, StatusCodes.Status201Created);

        Task<Placement> Deploy(IProgress<CellProgress>? progress) => deployments.DeployAsync(request.Body, environment, access.Actor, progress, ct);
    }

    private static async Task<IReadOnlyList<Placement>> PromoteAsync(HttpRequest request, ApiAccess access, IDeployments deployments, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<PromoteBody>(request, ct);
        return await deployments.PromoteAsync(
            Ask.Required(body.From, "from", "the environment whose revisions are taken"),
            Ask.Required(body.To, "to", "the environment that gets them"), body.Package, access.Actor, ct);
    }

    private static async Task<Placement> RollbackAsync(HttpRequest request, ApiAccess access, IDeployments deployments, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<RollbackBody>(request, ct);
        return await deployments.RollbackAsync(
            Ask.Required(body.Environment, "environment", "the environment to roll back"), body.Package, access.Actor, ct);
    }

    private static async Task<IResult> DeleteAsync(string revision, IDeployments deployments, CancellationToken ct)
    {
        await deployments.DeleteRevisionAsync(Ask.Id(revision, "revision"), ct);
        return Results.NoContent();
    }
}

/// <summary>What is deployed, and for which machine packages must be made.</summary>
internal sealed record DeploymentsView(string Runtime, IReadOnlyList<Placement> Environments, IReadOnlyList<Revision> Revisions);

/// <summary>The body of <c>POST /deployments/promote</c>.</summary>
internal sealed record PromoteBody(string? From, string? To, string? Package);

/// <summary>The body of <c>POST /deployments/rollback</c>.</summary>
internal sealed record RollbackBody(string? Environment, string? Package);
