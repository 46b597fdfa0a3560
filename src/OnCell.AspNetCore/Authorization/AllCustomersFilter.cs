using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Guards what is of all customers at once from callers that are bound to some.</summary>
internal sealed class AllCustomersFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        ApiAccess.Of(context.HttpContext).DemandAll("This");
        return next(context);
    }
}
