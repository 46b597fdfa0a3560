using System.Net;

namespace OnCell.Sandboxes;

/// <summary>Limits of the egress proxy of one sandbox, and how it finds addresses.</summary>
public sealed record EgressOptions
{
    /// <summary>Gets addresses of names, looked up before any resolver is asked: for on-premises sites and tests.</summary>
    /// <remarks>Private addresses in it still need a network rule in the policy.</remarks>
    public IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Hosts { get; init; } =
        new Dictionary<string, IReadOnlyList<IPAddress>>();

    /// <summary>Gets what resolves names.</summary>
    /// <value>The default is the host's own resolver.</value>
    public IEgressResolver Resolver { get; init; } = SystemEgressResolver.Instance;

    /// <summary>Gets how many connections a sandbox may have open; further ones are closed, with an event.</summary>
    /// <value>The default is 256.</value>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Gets how many bytes the head of an HTTP message may have.</summary>
    /// <value>The default is 32 KiB.</value>
    public int MaxHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>Gets how long a client may take for a whole request head or handshake, however slowly its bytes drip.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long looking up a name and connecting may take together.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets how long a connection may carry no byte in either direction.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets the clock.</summary>
    /// <value>The default is the system's.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1, nameof(MaxConnections));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeaderBytes, 1024, nameof(MaxHeaderBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxHeaderBytes, 1024 * 1024, nameof(MaxHeaderBytes));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HeaderTimeout, TimeSpan.Zero, nameof(HeaderTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero, nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTimeout, TimeSpan.Zero, nameof(IdleTimeout));
    }
}
