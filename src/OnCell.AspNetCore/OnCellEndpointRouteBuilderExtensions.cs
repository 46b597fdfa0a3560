using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell;
using OnCell.AspNetCore;
using OnCell.AspNetCore.Auditing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Endpoints;
using OnCell.AspNetCore.Errors;
using OnCell.AspNetCore.Git;
using OnCell.AspNetCore.Idempotency;
using OnCell.AspNetCore.Shell;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps OnCell's HTTP API.</summary>
public static class OnCellEndpointRouteBuilderExtensions
{
    /// <summary>Maps OnCell's HTTP API below a prefix.</summary>
    /// <remarks>
    /// Every route asks for one of <see cref="OnCellPolicies"/>, and a caller that is bound to customers can name no other's
    /// things. Who callers are is said by <c>AddApiKeys</c>, <c>AddLoopbackAccess</c> or <c>AddApiAuthorization</c>.
    /// </remarks>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The prefix of every route, such as <c>/v1</c>.</param>
    /// <returns>The routes, for conventions such as authorization and rate limits.</returns>
    /// <exception cref="InvalidOperationException"><c>AddOnCell</c> was not called, or nothing says who may call.</exception>
    public static RouteGroupBuilder MapOnCell(this IEndpointRouteBuilder endpoints, string prefix = "/v1")
    {
        RequiredServices.Demand<ICellManager>(endpoints, "MapOnCell needs OnCell's services: call builder.Services.AddOnCell(…) first.");
        RequiredServices.Demand<ApiAuthorizationMarker>(endpoints,
            "MapOnCell needs to know who may call: after AddOnCell(…) call AddApiKeys() for API keys, AddApiAuthorization(…) for the "
            + "application's own users, or AddLoopbackAccess() to trust everybody on this machine.");
        var group = endpoints.MapGroup(prefix);
        group.AddEndpointFilter<ProblemFilter>();
        group.AddEndpointFilter<JsonAnswer>();
        var once = group.MapGroup("").AddEndpointFilter<IdempotencyFilter>().AddEndpointFilter<AuditFilter>().AddEndpointFilter<CustomerFilter>();
        CustomerEndpoints.Map(once);
        QuotaEndpoints.Map(once);
        SnapshotEndpoints.Map(once);
        InspectionEndpoints.Map(once);
        SecretEndpoints.Map(once);
        KeyEndpoints.Map(once);
        AuditEndpoints.Map(once);
        WebhookEndpoints.Map(once);
        ImageEndpoints.Map(once);
        var runs = group.MapGroup("").AddEndpointFilter<AuditFilter>().AddEndpointFilter<CustomerFilter>();
        AgentEndpoints.Map(runs);
        RunEndpoints.Map(runs);
        CellEndpoints.Map(runs);
        GitEndpoint.Map(runs);
        ShellEndpoint.Map(runs);
        StepEndpoint.Map(runs);
        HostEndpoint.Map(runs);
        DeploymentEndpoints.Map(runs);
        DocumentEndpoint.Map(group);
        ReferencePage.Map(group);
        UnknownEndpoint.Map(group);
        return group;
    }
}
