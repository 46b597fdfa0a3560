using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>The OpenAPI document of this release, for clients and generators.</summary>
internal static class DocumentEndpoint
{
    private const string Resource = "openapi.json";

    private static readonly byte[] Document = Read();

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/openapi.json", () => Results.Bytes(Document, "application/json"))
            .RequireAuthorization(OnCellPolicies.Run)
            .ExcludeFromDescription();

    private static byte[] Read()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }
}
