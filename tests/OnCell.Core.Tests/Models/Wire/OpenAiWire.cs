using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OnCell.Core.Tests.Models.Wire;

/// <summary>Answers in the form of OpenAI's chat completions, as its API reference has them.</summary>
internal static class OpenAiWire
{
    public const string Unauthorized =
        """{"error":{"message":"Incorrect API key provided: sk-test-key.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""";

    public const string RateLimited =
        """{"error":{"message":"Rate limit reached for requests","type":"requests","param":null,"code":"rate_limit_exceeded"}}""";

    public const string TooLarge =
        """{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""";

    /// <summary>Answers with a text, as a stream where the request asks for one.</summary>
    public static Func<HttpContext, JsonNode, Task> Text(params string[] pieces) => async (context, request) =>
    {
        if (request["stream"]?.GetValue<bool>() != true)
        {
            await context.Response.WriteAsJsonAsync(Completion(new JsonObject { ["role"] = "assistant", ["content"] = string.Concat(pieces) }, "stop"));
            return;
        }

        await StreamAsync(context, [.. pieces.Select(p => Chunk(new JsonObject { ["content"] = p })), Chunk([], "stop"), Usage()]);
    };

    /// <summary>Asks for tools.</summary>
    public static Func<HttpContext, JsonNode, Task> Tools(params (string Id, string Name, string Arguments)[] calls) => async (context, request) =>
    {
        JsonArray Calls(bool streamed) => [.. calls.Select((c, i) =>
        {
            var call = new JsonObject
            {
                ["id"] = c.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = c.Name, ["arguments"] = c.Arguments },
            };
            if (streamed) call["index"] = i;
            return call;
        })];

        if (request["stream"]?.GetValue<bool>() != true)
            await context.Response.WriteAsJsonAsync(Completion(
                new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = Calls(false) }, "tool_calls"));
        else
            await StreamAsync(context, [Chunk(new JsonObject { ["role"] = "assistant", ["tool_calls"] = Calls(true) }), Chunk([], "tool_calls"), Usage()]);
    };

    /// <summary>Begins a stream and breaks the connection, or ends it without its end.</summary>
    public static Func<HttpContext, JsonNode, Task> Cut(bool abort) => async (context, _) =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync($"data: {Chunk(new JsonObject { ["content"] = "half an ans" }).ToJsonString()}\n\n");
        await context.Response.Body.FlushAsync();
        if (abort) context.Abort();
    };

    public static Func<HttpContext, JsonNode, Task> Malformed() => async (context, _) =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":\n\ndata: not json at all\n\n");
    };

    public static async Task StreamAsync(HttpContext context, IEnumerable<JsonObject> chunks)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var chunk in chunks)
        {
            await context.Response.WriteAsync($"data: {chunk.ToJsonString()}\n\n");
            await context.Response.Body.FlushAsync();
        }

        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    public static JsonObject Chunk(JsonObject delta, string? finish = null) => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_700_000_000,
        ["model"] = "gpt-test-2026",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
    };

    private static JsonObject Usage() => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_700_000_000,
        ["model"] = "gpt-test-2026",
        ["choices"] = new JsonArray(),
        ["usage"] = UsageOf(),
    };

    private static JsonObject UsageOf() => new() { ["prompt_tokens"] = 11, ["completion_tokens"] = 7, ["total_tokens"] = 18 };

    private static JsonObject Completion(JsonObject message, string finish) => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1_700_000_000,
        ["model"] = "gpt-test-2026",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = finish }),
        ["usage"] = UsageOf(),
    };
}
