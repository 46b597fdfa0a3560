using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Dashboard;

/// <summary>What a browser may do with the dashboard's answers: nothing beyond the dashboard itself.</summary>
internal sealed class DashboardHeaders : IEndpointFilter
{
    /// <summary>
    /// Only files of this origin; no inline script or style, no frame, no form. Trusted Types without any policy: the browser
    /// refuses to make markup or code of text at all, whatever a repository, file name or log line holds.
    /// </summary>
    internal const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
        return next(context);
    }
}
