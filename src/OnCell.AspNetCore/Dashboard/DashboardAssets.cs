using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace OnCell.AspNetCore.Dashboard;

/// <summary>The dashboard's files, carried in the assembly: nothing is built, nothing comes from outside.</summary>
internal static class DashboardAssets
{
    private const string Folder = "OnCell.AspNetCore.Dashboard.Assets.";

    private static readonly FrozenDictionary<string, Asset> Assets = Load();

    public static void Map(RouteGroupBuilder group)
    {
        // Without the last slash the page's own paths would lead beside it.
        group.MapGet("/", (HttpContext context) => context.Request.Path.Value!.EndsWith('/')
            ? Send("index.html", context.Response)
            : Results.Redirect($"{context.Request.PathBase}{context.Request.Path}/"));
        group.MapGet("/assets/{name}", Send);
    }

    private static IResult Send(string name, HttpResponse response)
    {
        if (!Assets.TryGetValue(name, out var asset)) return Results.NotFound();

        // Kept, and asked about each time: a new version of the service shows its own dashboard at once.
        response.Headers.CacheControl = "no-cache";
        return Results.Bytes(asset.Content, asset.Type, entityTag: asset.Tag);
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(DashboardAssets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Folder.Length..], name => Read(assembly.GetManifestResourceStream(name)!, name));
    }

    private static Asset Read(Stream stream, string name)
    {
        using var content = new MemoryStream();
        using (stream) stream.CopyTo(content);
        var bytes = content.ToArray();
        var type = Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => throw new InvalidOperationException($"The dashboard has no content type for {name}."),
        };
        return new Asset(bytes, type, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\""));
    }

    private sealed record Asset(byte[] Content, string Type, EntityTagHeaderValue Tag);
}
