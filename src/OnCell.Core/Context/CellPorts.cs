using System.Net.Http.Headers;
using OnCell.Journaling;
using OnCell.Runs;
using OnCell.Sandboxes;

namespace OnCell;

/// <summary>The servers inside a cell, for an agent: each call is a step. Nothing outside the service reaches them.</summary>
public sealed class CellPorts
{
    private const int MaxBody = 8 << 20;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly RunSession _session;

    internal CellPorts(RunSession session) => _session = session;

    /// <summary>Waits until something in the cell listens on a port.</summary>
    /// <param name="port">The port, 1 to 65,535.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <returns>Whether something listens.</returns>
    public Task<bool> WaitAsync(int port, TimeSpan timeout) => StepAsync("wait", port, [], async (sandbox, token) =>
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(timeout);
        try
        {
            while (!await ListensAsync(sandbox, port, limit.Token).ConfigureAwait(false)) await Task.Delay(Poll, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return false;
        }
    });

    /// <summary>Asks a web server in the cell.</summary>
    /// <param name="port">The port, 1 to 65,535.</param>
    /// <param name="path">The path with its query, such as <c>/health</c>.</param>
    /// <param name="timeout">How long the answer may take; 30 seconds where it is not given.</param>
    /// <returns>The status, the type and the text of the answer, of which at most 8 MiB are read.</returns>
    /// <exception cref="StepFailedException">Nothing answers.</exception>
    public Task<PortAnswer> GetAsync(int port, string path = "/", TimeSpan? timeout = null) =>
        StepAsync("get", port, [new("path", path)], async (sandbox, token) =>
        {
            if (!path.StartsWith('/')) throw new ArgumentException($"Ports.GetAsync: the path \"{path}\" does not begin with '/'.", nameof(path));
            using var http = new HttpClient(new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false, // a redirect could lead elsewhere than into the cell
                ConnectCallback = async (_, ct) => await sandbox.ConnectPortAsync(port, ct).ConfigureAwait(false),
            })
            { Timeout = timeout ?? TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = MaxBody };
            using var response = await AskAsync(sandbox, http, port, path, token).ConfigureAwait(false);
            return new PortAnswer((int)response.StatusCode, TypeOf(response.Content.Headers.ContentType), await response.Content.ReadAsStringAsync(token).ConfigureAwait(false));
        });

    private static async Task<HttpResponseMessage> AskAsync(Sandbox sandbox, HttpClient http, int port, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await http.GetAsync(new Uri($"http://localhost:{port}{path}"), cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            // To HTTP, a cell that died is a connection that broke. Asked again, the cell says it; else the server is to blame.
            await ListensAsync(sandbox, port, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static string? TypeOf(MediaTypeHeaderValue? type) => type?.MediaType;

    private static async Task<bool> ListensAsync(Sandbox sandbox, int port, CancellationToken cancellationToken)
    {
        try
        {
            await (await sandbox.ConnectPortAsync(port, cancellationToken).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            return true;
        }
        catch (SandboxException e) when (e is not (SandboxLostException or SandboxDisconnectedException))
        {
            return false;
        }
    }

    private Task<T> StepAsync<T>(string verb, int port, List<StepArgument> arguments, Func<Sandbox, CancellationToken, Task<T>> body)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return _session.StepAsync(new StepSpec<T>
        {
            Kind = "port",
            Name = $"{verb} {port}",
            Arguments = arguments,
            Effect = StepEffect.Read,
            Body = async (_, token) => await body(await _session.Cell.GetSandboxAsync(token).ConfigureAwait(false), token).ConfigureAwait(false),
        });
    }
}

/// <summary>What a web server in a cell answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The media type, where it is said.</param>
/// <param name="Text">The body as text.</param>
public sealed record PortAnswer(int Status, string? ContentType, string Text);
