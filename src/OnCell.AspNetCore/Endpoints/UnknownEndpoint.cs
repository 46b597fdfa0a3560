using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Errors;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Answers what no route matches, in the form of all other errors, and only to those who may call at all.</summary>
internal static class UnknownEndpoint
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapFallback("/{**path}", (HttpContext context) => Problem.Of(
                context, StatusCodes.Status404NotFound, $"There is no {context.Request.Method} {context.Request.Path}. The routes are in the OpenAPI document."))
            .RequireAuthorization(OnCellPolicies.Run)
            .ExcludeFromDescription();
}
