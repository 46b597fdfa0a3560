using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OnCell.Client.Tests;

/// <summary>A real server on loopback that does to each request what a bad network or a restarting service does.</summary>
public sealed class BadNetwork : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Queue<RequestDelegate> _answers;

    private BadNetwork(WebApplication app, Queue<RequestDelegate> answers) => (_app, _answers) = (app, answers);

    /// <summary>Gets what was asked, in order: method, path, idempotency key, last event id.</summary>
    public List<(string Method, string Path, string Key, string LastEventId, string Authorization)> Asked { get; } = [];

    /// <param name="answers">What is done to the first request, to the second, and so on.</param>
    public static async Task<BadNetwork> StartAsync(params RequestDelegate[] answers)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var network = new BadNetwork(app, new Queue<RequestDelegate>(answers));
        app.Run(network.AnswerAsync);
        await app.StartAsync();
        return network;
    }

    public Uri Address => new(_app.Urls.Single() + "/v1");

    public OnCellClient Client(int attempts = 4) => OnCellClient.Create(new OnCellClientOptions
    {
        Address = Address,
        ApiKey = "oc_key",
        MaxAttempts = attempts,
        RetryDelay = TimeSpan.FromMilliseconds(1),
    });

    public static RequestDelegate Status(int status, string? body = null, string type = "application/problem+json") => async context =>
    {
        context.Response.StatusCode = status;
        if (body is null) return;
        context.Response.ContentType = type;
        await context.Response.WriteAsync(body);
    };

    public static RequestDelegate Json(string body) => Status(200, body, "application/json");

    public static RequestDelegate Abort { get; } = context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    /// <summary>Some events, then a connection that is torn away, or ends well.</summary>
    public static RequestDelegate Events(string text, bool torn, string? location = null) => async context =>
    {
        context.Response.ContentType = "text/event-stream";
        if (location is not null) context.Response.Headers.Location = location;

        // What is promised and not sent makes the server tear the connection, after all that was sent has arrived.
        if (torn) context.Response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(text) + 100;
        await context.Response.WriteAsync(text);
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        RequestDelegate answer;
        lock (_answers)
        {
            var headers = context.Request.Headers;
            Asked.Add((context.Request.Method, context.Request.Path + context.Request.QueryString, headers["Idempotency-Key"].ToString(),
                headers["Last-Event-ID"].ToString(), headers.Authorization.ToString()));
            answer = _answers.Count > 0 ? _answers.Dequeue() : Status(418);
        }

        return answer(context);
    }
}
