using System.Net;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandboxes;

/// <summary>Tells addresses of the public internet from all others, by the same table as the egress proxy.</summary>
public static class PublicAddress
{
    /// <summary>Gets what kind of address it is where it is not public: loopback, private network, cloud metadata and the like.</summary>
    /// <param name="address">The address; one of IPv4 mapped into IPv6 counts as what it is.</param>
    /// <returns>The kind, or <see langword="null"/> where it is public.</returns>
    public static string? WhyNot(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return (SpecialRange.EmbeddedIPv4(address) is { } inner ? SpecialRange.Of(inner) : null)?.Kind ?? SpecialRange.Of(address)?.Kind;
    }
}
