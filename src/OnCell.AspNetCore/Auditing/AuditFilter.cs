using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Errors;

namespace OnCell.AspNetCore.Auditing;

/// <summary>Writes each call that changes something into the audit log: who, what, whose cell, and how it ended.</summary>
internal sealed class AuditFilter(IAuditLog audit) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method) || http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>() is not { } action)
            return await next(context);
        var status = StatusCodes.Status499ClientClosedRequest;
        try
        {
            var answer = await next(context);
            status = (answer as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK;
            return answer;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            status = ProblemFilter.Status(e);
            throw;
        }
        finally
        {
            // What was done is written down though nobody waits for the answer any more.
            var access = ApiAccess.Of(http);
            await audit.AddAsync(access.Actor, action.EndpointName, access.Named, $"{status} {Thing(http)}".TrimEnd(), CancellationToken.None);
        }
    }

    /// <summary>What the route names beside the customer: a run, a secret, a method.</summary>
    private static string Thing(HttpContext context) => string.Join(' ', context.Request.RouteValues
        .Where(v => v.Key != CustomerFilter.Customer)
        .Select(v => $"{v.Key}={v.Value}"));
}
