using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.AspNetCore;
using OnCell;
using OnCell.AspNetCore;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Mcp;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Offers a cell's shell, files and search to clients of the Model Context Protocol.</summary>
public static class OnCellMcpExtensions
{
    /// <summary>Adds what <see cref="MapOnCellMcp"/> needs.</summary>
    /// <param name="builder">The builder.</param>
    public static IOnCellBuilder AddMcp(this IOnCellBuilder builder)
    {
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<McpMarker>();
        builder.Services.AddMcpServer(o => o.ServerInfo = new() { Name = "oncell", Version = typeof(OnCellMcpExtensions).Assembly.GetName().Version?.ToString(3) ?? "1.0" })
            .WithHttpTransport(o => o.SessionMode = HttpServerSessionMode.Stateless)
            .WithTools<McpTools>();
        return builder;
    }

    /// <summary>Maps the tools of each customer's cell to <c>{prefix}/{customer}</c>, under the policy of <see cref="OnCellArea.Run"/>.</summary>
    /// <remarks>Each call is a run in the journal and an entry in the audit log. A caller that is bound to customers reaches only theirs.</remarks>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The prefix, such as <c>/mcp</c>.</param>
    /// <exception cref="InvalidOperationException"><see cref="AddMcp"/> was not called, or nothing says who may call.</exception>
    public static IEndpointConventionBuilder MapOnCellMcp(this IEndpointRouteBuilder endpoints, string prefix = "/mcp")
    {
        RequiredServices.Demand<ICellManager>(endpoints, "MapOnCellMcp needs OnCell's services: call builder.Services.AddOnCell(…) first.");
        RequiredServices.Demand<ApiAuthorizationMarker>(endpoints, "MapOnCellMcp needs to know who may call: call AddApiKeys(), AddApiAuthorization(…) or AddLoopbackAccess() after AddOnCell(…).");
        RequiredServices.Demand<McpMarker>(endpoints, "MapOnCellMcp needs AddMcp() after AddOnCell(…).");
        return endpoints.MapMcp($"{prefix}/{{{CustomerFilter.Customer}}}")
            .RequireAuthorization(OnCellPolicies.Run)
            .RequireAuthorization(new AuthorizationPolicyBuilder().RequireAssertion(IsOwn).Build());
    }

    private static bool IsOwn(AuthorizationHandlerContext context) =>
        context.Resource is HttpContext http && http.Request.RouteValues.TryGetValue(CustomerFilter.Customer, out var customer)
        && new ApiAccess(context.User).Covers(customer as string);
}
