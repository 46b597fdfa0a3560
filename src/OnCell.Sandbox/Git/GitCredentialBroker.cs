using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Sandboxes.Egress;
using OnCell.Sandboxes.Git;

namespace OnCell.Sandboxes;

/// <summary>Answers the git credential requests of one sandbox on a Unix socket of the host: one request a connection.</summary>
/// <remarks>
/// Trust: the request is hostile; whether it is answered is decided by the <see cref="IGitCredentialProvider"/> from
/// protocol, host and path alone. An answer is held in the memory of the git process that asked, and nowhere else in
/// the sandbox; whoever runs commands there can ask too, so a credential should open no more than the sandbox needs.
/// </remarks>
internal sealed class GitCredentialBroker : IAsyncDisposable
{
    private const int MaxConnections = 32;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly IGitCredentialProvider _provider;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _sandbox;
    private readonly LogBudget _refusals;
    private readonly UnixListener _listener;
    private readonly CancellationTokenSource _stop = new(); // Never disposed: it holds no timer, and stopping twice is no error.
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();

    private GitCredentialBroker(string socketPath, IGitCredentialProvider provider, TimeProvider time, ILogger logger, string sandbox)
    {
        _provider = provider;
        _time = time;
        _logger = logger;
        _sandbox = sandbox;
        _refusals = new LogBudget(time);
        _listener = UnixListener.Start(socketPath, Accept, time, logger);
    }

    /// <summary>Gets how many requests are being answered.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Listens on a Unix socket, replacing what lies at its path.</summary>
    /// <param name="socketPath">The path, at most 107 bytes, in a folder that the sandbox cannot write to.</param>
    /// <param name="provider">Decides which credential, if any, is given out.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <param name="logger">The log. It names repositories, never credentials.</param>
    /// <param name="sandbox">The sandbox's name in the log.</param>
    /// <exception cref="SandboxException">The socket cannot be made.</exception>
    public static GitCredentialBroker Start(
        string socketPath, IGitCredentialProvider provider, TimeProvider? time = null, ILogger? logger = null, string sandbox = "") =>
        new(socketPath, provider, time ?? TimeProvider.System, logger ?? NullLogger.Instance, sandbox);

    /// <summary>Stops listening and ends every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
    }

    private void Accept(Socket client)
    {
        if (_connections.Count >= MaxConnections)
        {
            LogRefused($"more than {MaxConnections} requests at once");
            client.Dispose();
            return;
        }

        var served = new TaskCompletionSource();
        _connections[client] = served.Task;
        _ = ServeAsync(client, served);
    }

    private async Task ServeAsync(Socket client, TaskCompletionSource served)
    {
        using var timer = new CancellationTokenSource(Timeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _stop.Token);
        try
        {
            using var input = new SocketBuffer(client, GitCredentialText.MaxBytes);
            var answer = await AnswerAsync(await ReadAsync(input, end.Token).ConfigureAwait(false), end.Token).ConfigureAwait(false);
            await client.SendAllAsync(answer, end.Token).ConfigureAwait(false);
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ProtocolException)
        {
            LogRefused(error is OperationCanceledException ? "it was not complete in time" : error.Message);
        }
        catch (Exception error)
        {
            // The provider is the caller's code: whatever it throws, git in the sandbox gets no credential.
            _logger.CredentialProviderFailed(_sandbox, error);
        }
        finally
        {
            _connections.TryRemove(client, out _);
            client.Dispose();
            served.SetResult();
        }
    }

    private async ValueTask<byte[]> AnswerAsync(byte[] request, CancellationToken cancellationToken)
    {
        if (!GitCredentialText.TryParse(request, out var fields, out var problem))
            throw new ProtocolException(problem);
        if (!GitRepositoryUrl.TryCreate(fields.Protocol, fields.Host, fields.Path, out var url))
            throw new ProtocolException("its protocol, host or path has no plain form");
        var asked = new GitCredentialRequest(url.Protocol, url.Host, url.Path);
        var credential = await _provider.GetAsync(asked, cancellationToken).ConfigureAwait(false);
        // A user name in the remote's URL says which account is meant: another one's password is no answer.
        if (credential is null || (fields.UserName is { } wanted && wanted != credential.UserName))
        {
            if (_refusals.Take() is var skipped and >= 0)
                _logger.CredentialUnknown(_sandbox, asked.Protocol, asked.Host, asked.Path, skipped);
            return [];
        }

        var answer = GitCredentialText.Format(credential);
        _logger.CredentialGiven(_sandbox, asked.Protocol, asked.Host, asked.Path);
        return answer;
    }

    private void LogRefused(string reason)
    {
        if (_refusals.Take() is var skipped and >= 0)
            _logger.CredentialRefused(_sandbox, reason, skipped);
    }

    /// <summary>Receives up to the empty line or the end of the stream, and returns what stands before it.</summary>
    private static async ValueTask<byte[]> ReadAsync(SocketBuffer input, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (input.Span.StartsWith("\n"u8))
                return [];
            if (input.Span.IndexOf("\n\n"u8) is var end and >= 0)
                return input.Span[..end].ToArray();
            if (!await input.FillAsync(cancellationToken).ConfigureAwait(false))
                return input.Span.ToArray();
        }
    }
}
