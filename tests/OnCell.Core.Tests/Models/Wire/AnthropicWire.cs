using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OnCell.Core.Tests.Models.Wire;

/// <summary>Answers in the form of Anthropic's messages, as its API reference has them.</summary>
internal static class AnthropicWire
{
    public const string Unauthorized = """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}""";

    public const string Overloaded = """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""";

    public const string TooLarge =
        """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 212345 tokens > 200000 maximum"}}""";

    public static Func<HttpContext, JsonNode, Task> Text(params string[] pieces) => async (context, request) =>
    {
        if (request["stream"]?.GetValue<bool>() != true)
        {
            await context.Response.WriteAsJsonAsync(Message(
                [new JsonObject { ["type"] = "text", ["text"] = string.Concat(pieces) }], "end_turn", 7));
            return;
        }

        await StreamAsync(context,
        [
            .. Start(),
            BlockStart(new JsonObject { ["type"] = "text", ["text"] = "" }),
            .. pieces.Select(p => Delta(new JsonObject { ["type"] = "text_delta", ["text"] = p })),
            .. End("end_turn"),
        ]);
    };

    public static Func<HttpContext, JsonNode, Task> Tool(string id, string name, JsonObject input) => async (context, request) =>
    {
        var block = new JsonObject { ["type"] = "tool_use", ["id"] = id, ["name"] = name, ["input"] = input.DeepClone() };
        if (request["stream"]?.GetValue<bool>() != true)
        {
            await context.Response.WriteAsJsonAsync(Message([block], "tool_use", 7));
            return;
        }

        block["input"] = new JsonObject();
        await StreamAsync(context,
        [
            .. Start(),
            BlockStart(block),
            Delta(new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = input.ToJsonString() }),
            .. End("tool_use"),
        ]);
    };

    /// <summary>A stream that ends in its middle, or with an error event, as an overloaded provider's does.</summary>
    public static Func<HttpContext, JsonNode, Task> Cut(bool withError) => (context, _) => StreamAsync(context,
    [
        .. Start(),
        BlockStart(new JsonObject { ["type"] = "text", ["text"] = "" }),
        Delta(new JsonObject { ["type"] = "text_delta", ["text"] = "half an ans" }),
        .. withError ? (IEnumerable<JsonObject>)[JsonNode.Parse(Overloaded)!.AsObject()] : [],
    ]);

    private static JsonObject Message(JsonArray content, string stop, int outputTokens) => new()
    {
        ["id"] = "msg_1",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = "claude-test-2026",
        ["content"] = content,
        ["stop_reason"] = stop.Length == 0 ? null : stop,
        ["stop_sequence"] = null,
        ["usage"] = new JsonObject { ["input_tokens"] = 11, ["output_tokens"] = outputTokens },
    };

    private static IEnumerable<JsonObject> Start() => [new JsonObject { ["type"] = "message_start", ["message"] = Message([], "", 1) }];

    private static JsonObject BlockStart(JsonObject block) => new() { ["type"] = "content_block_start", ["index"] = 0, ["content_block"] = block };

    private static JsonObject Delta(JsonObject delta) => new() { ["type"] = "content_block_delta", ["index"] = 0, ["delta"] = delta };

    private static IEnumerable<JsonObject> End(string stop) =>
    [
        new JsonObject { ["type"] = "content_block_stop", ["index"] = 0 },
        new JsonObject
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = stop, ["stop_sequence"] = null },
            ["usage"] = new JsonObject { ["output_tokens"] = 7 },
        },
        new JsonObject { ["type"] = "message_stop" },
    ];

    private static async Task StreamAsync(HttpContext context, IEnumerable<JsonObject> events)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var e in events)
        {
            await context.Response.WriteAsync($"event: {e["type"]}\ndata: {e.ToJsonString()}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }
}
