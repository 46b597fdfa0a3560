using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Dashboard;

/// <summary>
/// Refuses what another site makes a browser send (CSRF): whatever changes something, and every WebSocket, must come from the
/// dashboard's own origin and, where a browser lets a script set headers, carry one that no form and no foreign page can send.
/// </summary>
internal sealed class SameOriginFilter : IEndpointFilter
{
    public const string Header = "X-OnCell-Dashboard";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        return IsAllowed(request)
            ? next(context)
            : ValueTask.FromResult<object?>(Results.Problem(
                "This request did not come from the dashboard. Programs use the API itself, with a key.",
                statusCode: StatusCodes.Status403Forbidden, title: "Not from here", instance: request.Path));
    }

    private static bool IsAllowed(HttpRequest request)
    {
        var isSocket = request.Headers.Upgrade.Count > 0 || request.Method == HttpMethods.Connect;
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        if (isSocket) return IsOwnOrigin(request, required: true);
        if (request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none")) return false;
        return !changes || (request.Headers.ContainsKey(Header) && IsOwnOrigin(request, required: false));
    }

    /// <summary>Compares names only: a proxy that ends TLS changes the scheme, and perhaps the port that the service sees.</summary>
    private static bool IsOwnOrigin(HttpRequest request, bool required)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0) return !required;
        return Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
