using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace OnCell.AspNetCore.Tests.Access;

/// <summary>Every route of the API as it is mapped, so that a new one is tested without being listed.</summary>
internal static class Routes
{
    public static IEnumerable<(HttpMethod Method, string Path)> All(IServiceProvider services) =>
        from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let pattern = endpoint.RoutePattern.RawText!
        where pattern.StartsWith("/v1", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "PUT"]
        select (new HttpMethod(method), Fill(pattern));

    private static string Fill(string pattern) => string.Join('/', pattern.Split('/').Select(part => part switch
    {
        "{customer}" => "acme",
        ['{', '*', ..] => "no/such/route",
        ['{', ..] => "thing",
        _ => part,
    }));
}
