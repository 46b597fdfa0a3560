using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Dashboard;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps OnCell's dashboard.</summary>
public static class OnCellDashboardEndpointRouteBuilderExtensions
{
    /// <summary>Maps the dashboard below a prefix: cells, runs, network decisions, files, changes, terminals, usage, all live.</summary>
    /// <remarks>
    /// It needs nothing from outside. It carries the API below its own prefix under the API's own policies; a browser signs in
    /// with an API key and gets a cookie that counts here only, or it is signed in to the application already. The page itself
    /// holds nothing and is open, unless a convention is added to what is returned.
    /// </remarks>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The prefix of every route, such as <c>/oncell</c>.</param>
    /// <returns>The routes, for conventions such as authorization.</returns>
    /// <exception cref="InvalidOperationException"><c>AddOnCell</c> was not called, or nothing says who may call.</exception>
    public static RouteGroupBuilder MapOnCellDashboard(this IEndpointRouteBuilder endpoints, string prefix = "/oncell")
    {
        var group = endpoints.MapGroup(prefix);
        group.ExcludeFromDescription();
        group.WithMetadata(new DashboardRoute());
        group.AddEndpointFilter<DashboardHeaders>();
        DashboardAssets.Map(group);
        SessionEndpoints.Map(group);

        // Names are for links, and belong to the API itself: a route that is mapped twice must not carry one twice.
        var own = group.MapGroup("/api");
        own.AddEndpointFilter<SameOriginFilter>();
        ((IEndpointConventionBuilder)own).Finally(endpoint =>
        {
            foreach (var name in endpoint.Metadata.Where(m => m is IEndpointNameMetadata or IRouteNameMetadata).ToList()) endpoint.Metadata.Remove(name);
        });
        LiveEndpoint.Map(own.MapOnCell(""));
        return group;
    }
}
