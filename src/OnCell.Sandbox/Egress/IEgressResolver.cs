using System.Net;

namespace OnCell.Sandboxes;

/// <summary>Finds the addresses of names for the egress proxy, which asks only for names that a policy allows.</summary>
public interface IEgressResolver
{
    /// <summary>Gets the addresses of a name, the best first; none where the name does not exist.</summary>
    /// <param name="name">A lower-case name without a closing dot.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The resolver could not be asked.</exception>
    ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>The host's own resolver.</summary>
public sealed class SystemEgressResolver : IEgressResolver
{
    private SystemEgressResolver()
    {
    }

    /// <summary>Gets the only instance.</summary>
    public static SystemEgressResolver Instance { get; } = new();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken) =>
        await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
}
