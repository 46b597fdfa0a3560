using Microsoft.AspNetCore.Http;
using OnCell.AspNetCore.Endpoints;

namespace OnCell.AspNetCore.Idempotency;

/// <summary>An answer as it was sent, to be sent again.</summary>
internal sealed record KeptAnswer(int Status, string? ContentType, string? Location, byte[] Body) : IResult, IStatusCodeHttpResult
{
    int? IStatusCodeHttpResult.StatusCode => Status;

    /// <summary>Gets whether a repetition would be answered the same: not where the service failed, or a limit was reached.</summary>
    public bool IsFinal => Status < 500 && Status is not (StatusCodes.Status408RequestTimeout or StatusCodes.Status429TooManyRequests);

    /// <summary>Has a handler's result written, and keeps it instead of sending it.</summary>
    public static async Task<KeptAnswer> CaptureAsync(HttpContext context, object? result)
    {
        var response = context.Response;
        var real = response.Body;
        using var body = new MemoryStream();
        response.Body = body;
        try
        {
            await (result as IResult ?? JsonAnswer.Of(result)).ExecuteAsync(context);
            await response.BodyWriter.FlushAsync();
        }
        finally
        {
            response.Body = real;
        }

        return new KeptAnswer(response.StatusCode, response.ContentType, response.Headers.Location, body.ToArray());
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (ContentType is not null) response.ContentType = ContentType;
        if (Location is not null) response.Headers.Location = Location;
        response.ContentLength = Body.Length > 0 || Status != StatusCodes.Status204NoContent ? Body.Length : null;
        return response.Body.WriteAsync(Body, httpContext.RequestAborted).AsTask();
    }
}
