using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OnCell;
using OnCell.AspNetCore.Endpoints;
using OnCell.AspNetCore.Errors;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps OnCell's HTTP API.</summary>
public static class OnCellEndpointRouteBuilderExtensions
{
    /// <summary>Maps OnCell's HTTP API below a prefix.</summary>
    /// <remarks>
    /// The API creates, runs and deletes any customer's cell: it is for the service's operators. Call
    /// <c>RequireAuthorization(…)</c> on what is returned, unless only the host's own loopback reaches it.
    /// </remarks>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The prefix of every route, such as <c>/v1</c>.</param>
    /// <returns>The routes, for conventions such as authorization and rate limits.</returns>
    /// <exception cref="InvalidOperationException"><c>AddOnCell</c> was not called.</exception>
    public static RouteGroupBuilder MapOnCell(this IEndpointRouteBuilder endpoints, string prefix = "/v1")
    {
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(ICellManager)) != true)
            throw new InvalidOperationException("MapOnCell needs OnCell's services: call builder.Services.AddOnCell(…) first.");
        var group = endpoints.MapGroup(prefix);
        group.AddEndpointFilter<ProblemFilter>();
        group.AddEndpointFilter<JsonAnswer>();
        CustomerEndpoints.Map(group);
        CellEndpoints.Map(group);
        AgentEndpoints.Map(group);
        RunEndpoints.Map(group);
        return group;
    }
}
