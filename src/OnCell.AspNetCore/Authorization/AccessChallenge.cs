using Microsoft.AspNetCore.Http;
using OnCell.AspNetCore.Errors;

namespace OnCell.AspNetCore.Authorization;

/// <summary>What OnCell's own authentication schemes answer when they refuse.</summary>
internal static class AccessChallenge
{
    public static Task UnauthorizedAsync(HttpContext context, string detail)
    {
        if (!context.Response.HasStarted) context.Response.Headers.WWWAuthenticate = "Bearer realm=\"oncell\"";
        return WriteAsync(context, StatusCodes.Status401Unauthorized, detail);
    }

    public static Task ForbiddenAsync(HttpContext context) => WriteAsync(
        context, StatusCodes.Status403Forbidden, "This caller is known, but may not do this: its key lacks the area that the route needs.");

    /// <summary>Writes unless another scheme of the same policy has.</summary>
    public static Task WriteAsync(HttpContext context, int status, string detail) =>
        context.Response.HasStarted ? Task.CompletedTask : Problem.Of(context, status, detail).ExecuteAsync(context);
}
