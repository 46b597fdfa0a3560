using System.Net;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>Addresses that are not the public internet: refused, even behind an allowed name, unless a rule names them.</summary>
/// <param name="Network">The range.</param>
/// <param name="Kind">What the range is, for a message.</param>
/// <remarks>
/// From the <see href="https://www.iana.org/assignments/iana-ipv4-special-registry">IPv4</see> and
/// <see href="https://www.iana.org/assignments/iana-ipv6-special-registry">IPv6</see> special-purpose registries, and the
/// metadata addresses of the large clouds. Metadata addresses are ranges of their own, so a rule for
/// <c>169.254.0.0/16</c> does not open them.
/// </remarks>
internal sealed record SpecialRange(IPNetwork Network, string Kind)
{
    // Longest prefix first: the first hit is the narrowest range.
    private static readonly SpecialRange[] IPv4 = Table(
        ("169.254.169.254/32", "cloud metadata"), ("169.254.170.2/32", "cloud metadata"), ("169.254.170.23/32", "cloud metadata"),
        ("100.100.100.200/32", "cloud metadata"), ("168.63.129.16/32", "cloud metadata"), ("192.0.0.192/32", "cloud metadata"),
        ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private network"), ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private network"),
        ("192.0.0.0/24", "protocol assignments"), ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private network"), ("198.18.0.0/15", "benchmarking"), ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"), ("224.0.0.0/4", "multicast"), ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"));

    private static readonly SpecialRange[] IPv6 = Table(
        ("fd00:ec2::254/128", "cloud metadata"), ("fd00:ec2::23/128", "cloud metadata"), ("fd20:ce::254/128", "cloud metadata"),
        ("::/128", "unspecified"), ("::1/128", "loopback"), ("::/96", "IPv4-compatible"), ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"), ("100::/64", "discard"), ("2001::/32", "Teredo"), ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"), ("2002::/16", "6to4"), ("3fff::/20", "documentation"), ("5f00::/16", "segment routing"),
        ("fc00::/7", "private network"), ("fe80::/10", "link-local"), ("fec0::/10", "site-local"), ("ff00::/8", "multicast"),
        // Global unicast is 2000::/3; all the rest of the space is nobody's.
        ("::/3", "reserved"), ("4000::/2", "reserved"), ("8000::/1", "reserved"));

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Finds the narrowest special range of an address; <see langword="null"/> where it is public.</summary>
    public static SpecialRange? Of(IPAddress address)
    {
        foreach (var range in address.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6)
        {
            if (range.Network.Contains(address))
                return range;
        }

        return null;
    }

    /// <summary>Gets the IPv4 address that an IPv6 address leads to through a translator or tunnel.</summary>
    public static IPAddress? EmbeddedIPv4(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return null;
        var bytes = address.GetAddressBytes();
        return Nat64.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : null;
    }

    /// <summary>Clears the bits of an address beyond a prefix.</summary>
    public static IPAddress Mask(IPAddress address, int prefixLength)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = prefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }

    private static SpecialRange[] Table(params (string Cidr, string Kind)[] rows) =>
        [.. rows.Select(row => new SpecialRange(IPNetwork.Parse(row.Cidr), row.Kind)).OrderByDescending(r => r.Network.PrefixLength)];
}
