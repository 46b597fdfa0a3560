using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OnCell.Journaling;

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
            if (e is OnCellException { RetryAfter: { } wait })
                context.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Problem.Of(context.HttpContext, status, Detail(e, status), (e as OnCellException)?.Field ?? (e as ArgumentException)?.ParamName);
        }
    }

    /// <summary>What OnCell says of its own failures is meant to be read; what other code says may hold anything.</summary>
    private static string Detail(Exception e, int status) => e switch
    {
        ArgumentException argument => Shown.Plainly(argument),
        RunNotFoundException => "There is no such run.", // the journal's own words say where it lies on the host
        _ => status != StatusCodes.Status500InternalServerError || e.GetType().Namespace?.StartsWith(nameof(OnCell), StringComparison.Ordinal) == true
            ? e.Message
            : "Something unexpected failed; the service's log has the details.",
    };

    public static int Status(Exception e) => e switch
    {
        OnCellException known => known.Error switch
        {
            OnCellError.Invalid => StatusCodes.Status400BadRequest,
            OnCellError.NotFound => StatusCodes.Status404NotFound,
            OnCellError.Forbidden => StatusCodes.Status403Forbidden,
            OnCellError.Conflict => StatusCodes.Status409Conflict,
            OnCellError.Busy => StatusCodes.Status429TooManyRequests,
            OnCellError.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        },
        RunNotFoundException => StatusCodes.Status404NotFound,
        RunConflictException => StatusCodes.Status409Conflict,
        ForbiddenException => StatusCodes.Status403Forbidden,
        BadHttpRequestException bad => bad.StatusCode,
        ArgumentException => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status500InternalServerError,
    };
}

internal static partial class ProblemLog
{
    [LoggerMessage(5001, LogLevel.Error, "{Path} failed")]
    public static partial void Failed(ILogger logger, string path, Exception error);
}
