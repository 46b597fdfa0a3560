using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandboxes.Runtime;

/// <summary>The host's ends of the three sockets of one sandbox.</summary>
internal sealed class SandboxLinks : IAsyncDisposable
{
    private readonly GitCredentialBroker _credentials;

    private readonly string _egressSocket;

    private SandboxLinks(GuestChannel guest, EgressProxy egress, string egressSocket, GitCredentialBroker credentials) =>
        (Guest, Egress, _egressSocket, _credentials) = (guest, egress, egressSocket, credentials);

    internal GuestChannel Guest { get; }

    internal EgressProxy Egress { get; }

    /// <summary>Listens on all sockets, replacing those that an earlier process left.</summary>
    internal static SandboxLinks Open(SandboxSpec spec, RuntimeFolder folder, EgressOptions options, ILogger logger)
    {
        var egress = EgressProxy.Start(folder.EgressSocket, spec.Egress, options, spec.OnEgress, logger, spec.Id.Value);
        // Always there, as gVisor remembers that a file is missing: a later owner may have credentials.
        var credentials = GitCredentialBroker.Start(
            folder.CredentialSocket, spec.GitCredentials ?? NoGitCredentials.Instance, logger: logger, sandbox: spec.Id.Value);
        // Last: once the guest is connected, commands may use the others.
        return new SandboxLinks(GuestChannel.Listen(folder.ControlSocket, logger), egress, folder.EgressSocket, credentials);
    }

    /// <summary>Waits until the guest is connected and answers.</summary>
    /// <exception cref="SandboxLostException">The sandbox ended before.</exception>
    /// <exception cref="SandboxException">The guest did not connect in time, or is of another version.</exception>
    internal async Task ConnectAsync(Task ended, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var connected = Guest.WaitConnectedAsync(timeout, cancellationToken);
        if (await Task.WhenAny(connected, ended).ConfigureAwait(false) == ended)
            Guest.MarkLost("The sandbox ended before its guest answered.");
        await connected.ConfigureAwait(false);
    }

    /// <summary>
    /// Has the guest close all connections to the host and dial none until <see cref="Resume"/>: a checkpoint with one of them
    /// open would end the sandbox.
    /// </summary>
    /// <exception cref="SandboxBusyException">One is in use.</exception>
    internal async Task DetachAsync(SandboxId id, CancellationToken cancellationToken)
    {
        if (Egress.ConnectionCount + _credentials.ConnectionCount is > 0 and var open)
            throw new SandboxBusyException($"Sandbox {id} is not checkpointed: it has {open} connections to the host.");
        try
        {
            await Guest.PrepareCheckpointAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GuestErrorException error) when (error.Code == OnCell.Guest.Protocol.ErrorCode.Busy)
        {
            throw new SandboxBusyException($"Sandbox {id} is not checkpointed: {error.Message}.", error);
        }
    }

    /// <summary>Connects to the egress proxy from the host.</summary>
    internal async Task<Stream> ConnectEgressAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_egressSocket), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Lets the guest dial again.</summary>
    internal void Resume() => Guest.ResumeAfterCheckpoint();

    public async ValueTask DisposeAsync()
    {
        await Guest.DisposeAsync().ConfigureAwait(false);
        await Egress.DisposeAsync().ConfigureAwait(false);
        await _credentials.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class NoGitCredentials : IGitCredentialProvider
    {
        internal static readonly NoGitCredentials Instance = new();

        public Task<GitCredential?> GetAsync(GitCredentialRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<GitCredential?>(null);
    }
}
