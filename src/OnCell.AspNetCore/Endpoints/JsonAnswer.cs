using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Writes answers in OnCell's one JSON form, whatever the application's own is.</summary>
internal sealed class JsonAnswer : IEndpointFilter
{
    public static IResult Of<T>(T value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, OnCellJson.Options, statusCode: status);

    /// <summary>An answer that names where the thing is found.</summary>
    public static IResult At<T>(HttpRequest request, string location, T value, int status)
    {
        request.HttpContext.Response.Headers.Location = location;
        return Of(value, status);
    }

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        return answer is null or IResult ? answer : Results.Json(answer, OnCellJson.Options);
    }
}
