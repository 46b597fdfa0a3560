using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OnCell.Demo.GitHost;

/// <summary>A git host on loopback: bare repositories, served by git's own <c>http-backend</c> to whoever has the token.</summary>
/// <remarks>It stands for the company's git server, so it runs outside the service and its death.</remarks>
public sealed class GitServer : IAsyncDisposable
{
    /// <summary>The user that the token belongs to.</summary>
    public const string UserName = "oncell";

    private readonly WebApplication _app;
    private readonly HttpBackend _backend;
    private int _requests;
    private int _refused;
    private int _pushes;

    private GitServer(WebApplication app, string root, string execPath)
    {
        _app = app;
        _backend = new(root, execPath);
    }

    /// <summary>Gets the token that every request must carry.</summary>
    public string Token { get; } = RandomNumberGenerator.GetHexString(40, lowercase: true);

    /// <summary>Gets the port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Gets how many requests came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Gets how many requests were refused for want of the token.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Gets how many pushes were received.</summary>
    public int Pushes => Volatile.Read(ref _pushes);

    /// <summary>Starts a server for the bare repositories under a folder.</summary>
    public static async Task<GitServer> StartAsync(string root, CancellationToken cancellationToken)
    {
        var execPath = (await Tool.RunAsync("git", ["--exec-path"], cancellationToken)).Trim();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = 256L << 20;
            kestrel.Limits.MinRequestBodyDataRate = null; // a push trickles at the pace of a busy sandbox
        });

        var app = builder.Build();
        var server = new GitServer(app, root, execPath);
        app.Run(server.HandleAsync);
        await app.StartAsync(cancellationToken);
        server.Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (!HasToken(context.Request))
        {
            Interlocked.Increment(ref _refused);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
            return;
        }

        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path.Value!.EndsWith("/git-receive-pack", StringComparison.Ordinal))
            Interlocked.Increment(ref _pushes);
        await _backend.HandleAsync(context, UserName);
    }

    private bool HasToken(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Scheme != "Basic")
            return false;
        var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{UserName}:{Token}"));
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(header.Parameter ?? ""));
    }
}
