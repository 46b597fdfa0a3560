using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Shell;

/// <summary>A terminal in a cell over a WebSocket. It is the person's own: not journaled, gone with the connection.</summary>
internal static class ShellEndpoint
{
    private const int MaxShells = 64;
    private const int MaxSide = 1000;

    private static readonly SemaphoreSlim Free = new(MaxShells);

    private static readonly IOptions<WebSocketOptions> Sockets = Options.Create(new WebSocketOptions
    {
        KeepAliveInterval = TimeSpan.FromSeconds(15),
        KeepAliveTimeout = TimeSpan.FromSeconds(30),
    });

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/cells/{customer}/shell", OpenAsync).RequireAuthorization(OnCellPolicies.Run)
            .Describe("cells.shell", "Opens a terminal in the cell over a WebSocket.").WithTags("cells")
            .Queries(("rows", "1 to 1,000."), ("columns", "1 to 1,000.")).Produces(StatusCodes.Status101SwitchingProtocols).Produces(StatusCodes.Status200OK);

    private static async Task<IResult> OpenAsync(
        string customer, HttpContext context, ApiAccess access, ICellManager cells, IAuditLog audit, ILoggerFactory loggers, IHostApplicationLifetime host)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        var ct = ends.Token;
        var size = new TerminalSize(
            Ask.Number(context.Request, "rows", 24, 1, MaxSide), Ask.Number(context.Request, "columns", 80, 1, MaxSide));

        // The application need not have called UseWebSockets: what is needed of it is here.
        await new WebSocketMiddleware(async http =>
        {
            if (!http.WebSockets.IsWebSocketRequest)
                throw new OnCellException(OnCellError.Invalid, "A terminal needs a WebSocket: oncell cells shell, or the dashboard.");
            if (!await Free.WaitAsync(TimeSpan.Zero, ct))
                throw new OnCellException(OnCellError.Busy, $"There are {MaxShells} terminals open, which is the limit. Close some.");
            try
            {
                using var session = await cells.OpenSessionAsync(customer, ct);
                var log = loggers.CreateLogger("OnCell.AspNetCore.Shell");
                // What is typed is the person's own; that somebody had a terminal is not.
                await audit.AddAsync(access.Actor, "cells.shell", customer, "opened", ct);
                ShellLog.Opened(log, customer, access.Actor);
                using var socket = await http.WebSockets.AcceptWebSocketAsync();
                try
                {
                    await new ShellSocket(socket, session, size).RunAsync(ct);
                }
                catch (OperationCanceledException)
                {
                    // The connection broke, or the service stops: the shell ended with it.
                }

                await audit.AddAsync(access.Actor, "cells.shell", customer, "closed", CancellationToken.None);
                ShellLog.Closed(log, customer, access.Actor);
            }
            finally
            {
                Free.Release();
            }
        }, Sockets, loggers).Invoke(context);
        return Results.Empty;
    }
}

internal static partial class ShellLog
{
    [LoggerMessage(5050, LogLevel.Information, "A terminal in the cell of {Customer} was opened by {Actor}")]
    public static partial void Opened(ILogger logger, string customer, string actor);

    [LoggerMessage(5051, LogLevel.Information, "A terminal in the cell of {Customer} was closed by {Actor}")]
    public static partial void Closed(ILogger logger, string customer, string actor);
}
