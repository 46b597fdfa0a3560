using Microsoft.AspNetCore.Http;
using OnCell.Indexing;
using OnCell.Journaling;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Errors;

/// <summary>Answers every known failure as problem+json: what is wrong, where, and what to do.</summary>
internal sealed class ProblemFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception e) when (Status(e) is { } status)
        {
            if (status == StatusCodes.Status503ServiceUnavailable) context.HttpContext.Response.Headers.RetryAfter = "1";
            return Results.Problem(e.Message, statusCode: status, title: Title(status), instance: context.HttpContext.Request.Path);
        }
    }

    private static int? Status(Exception e) => e switch
    {
        OnCellException known => known.Error switch
        {
            OnCellError.Invalid => StatusCodes.Status400BadRequest,
            OnCellError.NotFound => StatusCodes.Status404NotFound,
            OnCellError.Conflict => StatusCodes.Status409Conflict,
            OnCellError.Busy => StatusCodes.Status429TooManyRequests,
            OnCellError.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        },
        BadHttpRequestException bad => bad.StatusCode,
        ArgumentException => StatusCodes.Status400BadRequest,
        SandboxException or JournalException or CodeIndexException => StatusCodes.Status500InternalServerError,
        _ => null,
    };

    private static string Title(int status) => status switch
    {
        400 => "The request is wrong",
        404 => "Not found",
        409 => "Not possible in this state",
        413 => "The request is too large",
        429 => "A limit is reached",
        503 => "Not available now",
        _ => "The request failed",
    };
}
