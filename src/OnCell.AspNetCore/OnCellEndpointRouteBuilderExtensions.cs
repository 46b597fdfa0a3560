using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OnCell;
using OnCell.AspNetCore;
using OnCell.AspNetCore.Auditing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Endpoints;
using OnCell.AspNetCore.Errors;
using OnCell.AspNetCore.Files;
using OnCell.AspNetCore.Git;
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
        Demand<ICellManager>(endpoints, "MapOnCell needs OnCell's services: call builder.Services.AddOnCell(…) first.");
        Demand<ApiAuthorizationMarker>(endpoints,
            "MapOnCell needs to know who may call: after AddOnCell(…) call AddApiKeys() for API keys, AddApiAuthorization(…) for the "
            + "application's own users, or AddLoopbackAccess() to trust everybody on this machine.");
        var group = endpoints.MapGroup(prefix);
        group.AddEndpointFilter<ProblemFilter>();
        group.AddEndpointFilter<JsonAnswer>();
        group.AddEndpointFilter<AuditFilter>();
        group.AddEndpointFilter<CustomerFilter>();
        CustomerEndpoints.Map(group);
        CellEndpoints.Map(group);
        FileEndpoints.Map(group);
        GitEndpoint.Map(group);
        ShellEndpoint.Map(group);
        AgentEndpoints.Map(group);
        RunEndpoints.Map(group);
        SecretEndpoints.Map(group);
        AuditEndpoints.Map(group);
        StepEndpoint.Map(group);
        HostEndpoint.Map(group);
        KeyEndpoints.Map(group);
        UnknownEndpoint.Map(group);
        return group;
    }

    private static void Demand<T>(IEndpointRouteBuilder endpoints, string otherwise)
    {
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(T)) != true)
            throw new InvalidOperationException(otherwise);
    }
}
