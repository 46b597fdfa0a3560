using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OnCell.AspNetCore.Errors;

/// <summary>Answers every failure as problem+json: what is wrong, where, and what to do.</summary>
internal sealed class ProblemFilter(ILogger<ProblemFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var status = Status(e);
            if (status == StatusCodes.Status500InternalServerError) ProblemLog.Failed(logger, context.HttpContext.Request.Path, e);
            if (status == StatusCodes.Status503ServiceUnavailable) context.HttpContext.Response.Headers.RetryAfter = "1";
            return Results.Problem(e.Message, statusCode: status, title: Title(status), instance: context.HttpContext.Request.Path);
        }
    }

    private static int Status(Exception e) => e switch
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
        _ => StatusCodes.Status500InternalServerError,
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

internal static partial class ProblemLog
{
    [LoggerMessage(5001, LogLevel.Error, "{Path} failed")]
    public static partial void Failed(ILogger logger, string path, Exception error);
}
