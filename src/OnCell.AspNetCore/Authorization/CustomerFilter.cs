using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Guards every route with a customer in it, before its handler is reached.</summary>
internal sealed class CustomerFilter : IEndpointFilter
{
    /// <summary>The name of the route value and of the query parameter.</summary>
    public const string Customer = "customer";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var access = ApiAccess.Of(context.HttpContext);
        if (request.RouteValues.TryGetValue(Customer, out var named)) access.Demand((string)named!);
        foreach (var asked in request.Query[Customer]) access.Demand(asked ?? "");
        return next(context);
    }
}
