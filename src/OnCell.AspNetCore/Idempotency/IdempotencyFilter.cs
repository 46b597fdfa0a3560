using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Errors;
using OnCell.AspNetCore.Requests;
using OnCell.AspNetCore.Streaming;

namespace OnCell.AspNetCore.Idempotency;

/// <summary>Answers a repeated POST with the same <c>Idempotency-Key</c> by what the first was answered, for a day, across restarts.</summary>
/// <remarks>Runs have their own rule, in the journal: see <see cref="Endpoints.AgentEndpoints"/>.</remarks>
internal sealed class IdempotencyFilter(AnswerStore answers) : IEndpointFilter
{
    private static readonly ConcurrentDictionary<string, bool> UnderWay = new(StringComparer.Ordinal);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsPost(http.Request.Method) || EventStream.IsWanted(http.Request)
            || Ask.IdempotencyKey(http.Request) is not { } key)
            return await next(context);

        var body = await JsonBody.ReadBytesAsync(http.Request, http.RequestAborted);
        http.Request.Body = new MemoryStream(body);
        var id = IdOf(ApiAccess.Of(http).Actor, http.Request, key);
        var hash = SHA256.HashData(body);
        if (!UnderWay.TryAdd(id, true))
        {
            http.Response.Headers.RetryAfter = "1";
            return Problem.Of(http, StatusCodes.Status409Conflict, "The first request with this Idempotency-Key is under way. Try again.", "Idempotency-Key");
        }

        try
        {
            if (answers.Find(id) is not { } known) return await ExecuteAsync(context, next, id, hash);
            return CryptographicOperations.FixedTimeEquals(known.Request, hash)
                ? known.Answer
                : Problem.Of(http, StatusCodes.Status422UnprocessableEntity,
                    "This Idempotency-Key was used with another body. Use a new key for a new request.", "Idempotency-Key");
        }
        finally
        {
            UnderWay.TryRemove(id, out _);
        }
    }

    private async Task<object?> ExecuteAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, string id, byte[] hash)
    {
        var result = await next(context);
        var answer = await KeptAnswer.CaptureAsync(context.HttpContext, result);
        if (answer.IsFinal) answers.Add(id, hash, answer);
        return answer;
    }

    private static string IdOf(string actor, HttpRequest request, string key) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\0', actor, request.PathBase + request.Path + request.QueryString, key))));
}
