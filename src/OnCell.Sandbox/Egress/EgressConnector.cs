using System.Net;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>How a request for a connection ended.</summary>
internal enum ConnectOutcome
{
    Connected,
    Denied,
    NotFound,
    Unreachable,
    Refused,
    TimedOut,
}

/// <summary>The answer to a request for a connection.</summary>
internal sealed record ConnectResult(ConnectOutcome Outcome, string Reason, Socket? Socket = null, IPAddress? Address = null);

/// <summary>Looks up an allowed target, checks each address, and dials exactly an address that it checked.</summary>
internal sealed class EgressConnector : IDisposable
{
    private const int MaxLookups = 8;
    private const int MaxAddresses = 16;

    private readonly SemaphoreSlim _lookups = new(MaxLookups);
    private readonly EgressOptions _options;
    private readonly IEgressDialer _dialer;
    private readonly Dictionary<string, IReadOnlyList<IPAddress>> _hosts = [];

    public EgressConnector(EgressOptions options, IEgressDialer dialer)
    {
        _options = options;
        _dialer = dialer;
        foreach (var (host, addresses) in options.Hosts)
        {
            if (!HostName.TryNormalize(host, out var name))
                throw new ArgumentException($"\"{host}\" in {nameof(EgressOptions)}.{nameof(EgressOptions.Hosts)} is not a host name.", nameof(options));
            _hosts[name] = addresses;
        }
    }

    /// <param name="policy">Judges the addresses.</param>
    /// <param name="target">What the policy's <paramref name="rule"/> has allowed, by name or as an address.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<ConnectResult> ConnectAsync(
        EgressPolicy policy, EgressTarget target, string rule, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_options.ConnectTimeout, _options.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await FirstReachableAsync(policy, target, rule, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ConnectResult(ConnectOutcome.TimedOut, $"{target} did not answer within {_options.ConnectTimeout.TotalSeconds:0.#} s");
        }
    }

    public void Dispose() => _lookups.Dispose();

    /// <summary>Tells why an address must not be dialled for a target, or <see langword="null"/> where it may.</summary>
    public string? Denial(EgressPolicy policy, EgressTarget target, IPAddress address, string rule)
    {
        // The policy has judged an address that was asked for by itself; a resolved one it has not seen.
        if (target.Address is null && policy.JudgeResolved(target, address, rule).Reason is { } reason)
            return reason;
        return _dialer.IsThisHost(address) && !policy.OpensHost(address, target.Port)
            ? $"denied {target}: {address} is the sandbox's own host; if that is meant, add \"{EgressTarget.Cidr(address, target.Port)}\" to Network.Allow"
            : null;
    }

    private async ValueTask<ConnectResult> FirstReachableAsync(
        EgressPolicy policy, EgressTarget target, string rule, CancellationToken cancellationToken)
    {
        var addresses = target.Address is { } literal
            ? [literal]
            : await ResolveAsync(target.Host, cancellationToken).ConfigureAwait(false);
        var result = new ConnectResult(ConnectOutcome.NotFound, $"{target.Host} could not be resolved");
        foreach (var candidate in addresses.Take(MaxAddresses))
        {
            var address = candidate.IsIPv4MappedToIPv6 ? candidate.MapToIPv4() : candidate;
            if (Denial(policy, target, address, rule) is { } reason)
            {
                // That one address was denied says more than that another could not be resolved, and less than that
                // another could not be reached.
                if (result.Outcome == ConnectOutcome.NotFound)
                    result = new ConnectResult(ConnectOutcome.Denied, reason);
                continue;
            }

            result = await DialAsync(target, address, cancellationToken).ConfigureAwait(false);
            if (result.Outcome == ConnectOutcome.Connected)
                break;
        }

        return result;
    }

    private async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (_hosts.TryGetValue(name, out var addresses))
            return addresses;
        // The host's resolver serves every sandbox; one that asks for a thousand names waits for itself.
        await _lookups.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _options.Resolver.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return [];
        }
        finally
        {
            _lookups.Release();
        }
    }

    private async ValueTask<ConnectResult> DialAsync(EgressTarget target, IPAddress address, CancellationToken cancellationToken)
    {
        try
        {
            var socket = await _dialer.DialAsync(new IPEndPoint(address, target.Port), cancellationToken).ConfigureAwait(false);
            return new ConnectResult(ConnectOutcome.Connected, "", socket, address);
        }
        catch (SocketException error)
        {
            var outcome = error.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => ConnectOutcome.Refused,
                SocketError.TimedOut => ConnectOutcome.TimedOut,
                _ => ConnectOutcome.Unreachable,
            };
            return new ConnectResult(outcome, $"{target} ({address}) could not be reached: {error.SocketErrorCode}");
        }
    }
}
