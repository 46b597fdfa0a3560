using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>The doctor: what cells need of the service's host, and the fix of what is missing.</summary>
internal static class HostEndpoint
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/host", (ISandboxRuntime runtime, CancellationToken ct) => runtime.ProbeAsync(ct))
            .RequireAuthorization(OnCellPolicies.Deploy).AddEndpointFilter<AllCustomersFilter>()
            .Describe("host", "Says what cells need of the service's host, and the fix of what is missing.").WithTags("host");
}
