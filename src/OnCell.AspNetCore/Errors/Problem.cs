using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Errors;

/// <summary>Every failure in one form: RFC 9457, with the field that is wrong where one is.</summary>
internal static class Problem
{
    public static IResult Of(HttpContext context, int status, string detail, string? field = null, string? instance = null) => Results.Problem(
        detail,
        statusCode: status,
        title: Title(status),
        instance: instance ?? context.Request.Path,
        extensions: field is null ? null : new Dictionary<string, object?> { ["field"] = field });

    private static string Title(int status) => status switch
    {
        400 => "The request is wrong",
        401 => "Who is calling is not known",
        403 => "Not allowed",
        404 => "Not found",
        405 => "The method is not allowed here",
        408 => "The request took too long",
        409 => "Not possible in this state",
        413 => "The request is too large",
        422 => "The key was used for another request",
        429 => "A limit is reached",
        503 => "Not available now",
        _ => "The request failed",
    };
}
