using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OnCell.Core.Tests.Models.Wire;

/// <summary>A provider's side of the wire: Kestrel on loopback, which keeps every request and answers as the test says.</summary>
internal sealed class ProviderServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, JsonNode, Task>> _answers = new();

    private ProviderServer(WebApplication app) => _app = app;

    public sealed record Request(string Path, IReadOnlyDictionary<string, string> Headers, JsonNode Body);

    public Uri Address => new(_app.Urls.Single());

    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>Gets or sets what answers when nothing is scripted any more.</summary>
    public Func<HttpContext, JsonNode, Task> Otherwise { get; set; } =
        (context, _) => ErrorAsync(context, 500, """{"error":{"message":"the test expected no such request"}}""");

    public static async Task<ProviderServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new ProviderServer(app);
        app.MapPost("/{**path}", server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public ProviderServer Then(Func<HttpContext, JsonNode, Task> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public ProviderServer ThenError(int status, string body, params (string Name, string Value)[] headers) =>
        Then((context, _) => ErrorAsync(context, status, body, headers));

    public static async Task ErrorAsync(HttpContext context, int status, string body, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        await context.Response.WriteAsync(body);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body))!;
        Requests.Enqueue(new Request(
            context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        await (_answers.TryDequeue(out var answer) ? answer : Otherwise)(context, body);
    }
}
