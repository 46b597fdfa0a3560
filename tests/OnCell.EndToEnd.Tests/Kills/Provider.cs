using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OnCell.Core.Tests.Models.Wire;
using OnCell.Testing;

namespace OnCell.EndToEnd.Tests.Kills;

/// <summary>A model's provider over HTTP, which outlives the service: it answers by script, and counts.</summary>
internal sealed class Provider : IAsyncDisposable
{
    private readonly ProviderServer _server;

    private Provider(ProviderServer server)
    {
        _server = server;
        _server.Otherwise = AnswerAsync;
    }

    public ScriptedModel Script { get; } = new();

    /// <summary>Gets the settings by which a service asks it.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OnCell:Models:0:Name"] = "provider",
        ["OnCell:Models:0:Kind"] = "OpenAI",
        ["OnCell:Models:0:Model"] = "gpt-test-2026",
        ["OnCell:Models:0:Endpoint"] = new Uri(_server.Address, "/v1").ToString(),
        ["OnCell:DefaultModel"] = "provider",
    };

    public static async Task<Provider> StartAsync() => new(await ProviderServer.StartAsync());

    /// <summary>Has one of the next answers begin and not end until the caller is gone.</summary>
    /// <param name="number">Which: 1 for the next.</param>
    public void CutOff(int number)
    {
        for (var i = 1; i < number; i++) _server.Then(AnswerAsync);
        _server.Then(async (context, request) =>
        {
            await OpenAiWire.Cut(abort: false)(context, request);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
    }

    /// <summary>Gets the idempotency keys of a run's requests, in order.</summary>
    public IReadOnlyList<string> Asked(string run) =>
        [.. _server.Requests.Select(Key).Where(key => key.StartsWith(run + "/", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Script.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, JsonNode request)
    {
        var text = string.Join('\n', request["messages"]!.AsArray().Select(message => Text(message!["content"]!)));
        var options = new ChatOptions { AdditionalProperties = new() { ["oncell.step_key"] = context.Request.Headers["Idempotency-Key"].ToString() } };
        var answer = await Script.GetResponseAsync([new ChatMessage(ChatRole.User, text)], options);
        await OpenAiWire.Text(answer.Text)(context, request);
    }

    private static string Key(ProviderServer.Request request) => request.Headers["Idempotency-Key"];

    private static string Text(JsonNode content) =>
        content is JsonArray parts ? string.Concat(parts.Select(part => part!["text"]!.GetValue<string>())) : content.GetValue<string>();
}
