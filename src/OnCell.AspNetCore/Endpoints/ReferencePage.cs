using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Scalar.AspNetCore;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>A page that shows the OpenAPI document and calls its routes; in the environment Development only.</summary>
internal static class ReferencePage
{
    private const string Route = "/reference";

    /// <summary>The page's script writes styles and the page starts it in line; nothing of it may load from, or talk to, another origin.</summary>
    internal const string Policy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(RouteGroupBuilder group)
    {
        var services = ((IEndpointRouteBuilder)group).ServiceProvider;
        if (!services.GetRequiredService<IHostEnvironment>().IsDevelopment()) return;
        group.MapScalarApiReference(Route, (options, context) =>
            {
                context.Response.Headers.ContentSecurityPolicy = Policy;
                options.WithTitle("OnCell").WithOpenApiRoutePattern(DocumentOf(context.Request.Path.Value!))
                    .DisableDefaultFonts().HideDeveloperTools().DisableAgent().DisableMcp().DisableTelemetry().HideClientButton();
            })
            .RequireAuthorization(OnCellPolicies.Run)
            .ExcludeFromDescription();
    }

    /// <summary>The document beside the page, from the application's root: the page puts before it what a proxy may have there.</summary>
    private static string DocumentOf(string page) =>
        (page[..page.LastIndexOf(Route, StringComparison.OrdinalIgnoreCase)] + "/openapi.json").TrimStart('/');
}
