using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>A name or an address, and a port.</summary>
internal sealed record EgressTarget
{
    private EgressTarget(string host, IPAddress? address, int port) => (Host, Address, Port) = (host, address, port);

    /// <summary>Gets the name, or the text of <see cref="Address"/>.</summary>
    public string Host { get; }

    /// <summary>Gets the address where one was asked for, or <see langword="null"/> for a name. Never IPv4 in IPv6 dress.</summary>
    public IPAddress? Address { get; }

    public int Port { get; }

    public static EgressTarget ForAddress(IPAddress address, int port)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return new EgressTarget(address.ToString(), address, port);
    }

    /// <summary>Reads a host: a name, a dotted IPv4 address, or an IPv6 address (in brackets or bare).</summary>
    public static bool TryCreate(ReadOnlySpan<char> host, int port, [NotNullWhen(true)] out EgressTarget? target)
    {
        if (host.Length > 2 && host[0] == '[' && host[^1] == ']' && host.Contains(':'))
            host = host[1..^1];
        target = TryParseAddress(host, out var address) ? ForAddress(address, port)
            : HostName.TryNormalize(host, out var name) ? new EgressTarget(name, null, port)
            : null;
        return target is not null && port is >= 1 and <= 65535;
    }

    /// <summary>Reads <c>host:port</c>, or <c>host</c> alone where there is a default port.</summary>
    public static bool TryParse(ReadOnlySpan<char> authority, int? defaultPort, [NotNullWhen(true)] out EgressTarget? target)
    {
        target = null;
        var colon = authority.LastIndexOf(':');
        if (colon < 0 || authority[^1] == ']')
            return defaultPort is { } implied && IsHostPart(authority) && TryCreate(authority, implied, out target);
        return IsHostPart(authority[..colon])
            && TryParsePort(authority[(colon + 1)..], out var port)
            && TryCreate(authority[..colon], port, out target);
    }

    /// <summary>Reads an address in its one usual form: no <c>127.1</c>, no octal or hexadecimal, no scope.</summary>
    public static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Contains('%') || text.Contains('[') || !IPAddress.TryParse(text, out var parsed))
            return false;
        if (parsed.AddressFamily == AddressFamily.InterNetwork && !text.SequenceEqual(parsed.ToString()))
            return false;
        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }

    public static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535 && text.Length <= 5;

    /// <summary>The rule that names one address (and a port, where it is not one of the usual two).</summary>
    public static string Cidr(IPAddress address, int? port)
    {
        var cidr = address.AddressFamily == AddressFamily.InterNetwork ? $"{address}/32" : $"{address}/128";
        return port is null or 80 or 443 ? cidr
            : address.AddressFamily == AddressFamily.InterNetwork ? $"{cidr}:{port}" : $"[{cidr}]:{port}";
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>In an authority an IPv6 address stands in brackets, so a colon outside of them is not part of a host.</summary>
    private static bool IsHostPart(ReadOnlySpan<char> text) =>
        !text.IsEmpty && ((text[0] == '[' && text[^1] == ']') || !text.ContainsAny('[', ']', ':'));
}
