using System.Net;

namespace OnCell.Sandboxes.Egress;

/// <summary>One line of a policy.</summary>
/// <param name="Text">The rule in the words it was written in.</param>
internal abstract record EgressRule(string Text);

/// <summary>Allows a name, or all names under one.</summary>
/// <param name="Text">The rule as written.</param>
/// <param name="Name">The name; for a wildcard the part after <c>*.</c>.</param>
/// <param name="Wildcard">Whether the names under it are meant, and not the name itself.</param>
/// <param name="Port">The only port, or <see langword="null"/> for 80 and 443.</param>
/// <param name="Http">What plain HTTP requests the rule is narrowed to, or <see langword="null"/>.</param>
internal sealed record NameRule(string Text, string Name, bool Wildcard, int? Port, HttpNarrowing? Http) : EgressRule(Text)
{
    public bool Covers(string host) => Wildcard
        ? host.Length > Name.Length + 1 && host[^(Name.Length + 1)] == '.' && host.EndsWith(Name, StringComparison.Ordinal)
        : host == Name;

    public bool IsApex(string host) => Wildcard && host == Name;

    public bool CoversPort(int port) => Port is { } only ? port == only : port is 80 or 443;

    public bool CoversRequest(EgressRequest request) => Http is null || Http.Covers(request);
}

/// <summary>Allows a network: to be dialled as addresses, and to be what an allowed name resolves to.</summary>
/// <param name="Text">The rule as written.</param>
/// <param name="Network">The network.</param>
/// <param name="Port">The only port; <see langword="null"/> for 80 and 443, or behind a name for that name's ports.</param>
internal sealed record NetworkRule(string Text, IPNetwork Network, int? Port) : EgressRule(Text)
{
    public bool CoversPort(int port, bool behindName) =>
        Port is { } only ? port == only : behindName || port is 80 or 443;

    /// <remarks>
    /// A network wider than a special range does not open it: <c>0.0.0.0/0</c> is the public internet, not this
    /// host's loopback or the cloud's metadata service.
    /// </remarks>
    public bool Covers(IPAddress address, SpecialRange? range) =>
        Network.Contains(address) && (range is null || Network.PrefixLength >= range.Network.PrefixLength);
}

/// <summary>Narrows a name to plain HTTP requests, which the proxy can read.</summary>
/// <param name="Methods">The methods, or none for every method.</param>
/// <param name="PathPrefix">The path at and under which requests must be; without a closing slash.</param>
internal sealed record HttpNarrowing(IReadOnlyList<string> Methods, string PathPrefix)
{
    public bool Covers(EgressRequest request)
    {
        if (request.Method is null || request.Path is null)
            return false;
        if (Methods.Count > 0 && !Methods.Contains(request.Method, StringComparer.Ordinal))
            return false;
        var path = request.Path.AsSpan();
        if (path.IndexOf('?') is var query and >= 0)
            path = path[..query];
        return IsPlain(path)
            && path.StartsWith(PathPrefix, StringComparison.Ordinal)
            && (path.Length == PathPrefix.Length || path[PathPrefix.Length] == '/');
    }

    /// <summary>Tells whether every server reads this path as one at or under its beginning: nothing in it leads up, however it is written.</summary>
    internal static bool IsPlain(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty || path[0] != '/' || path.ContainsAny('\\', '#'))
            return false;
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && !IsHarmlessEscape(path[(i + 1)..]))
                return false;
        }

        var rest = path[1..];
        foreach (var segment in rest.Split('/'))
        {
            var text = rest[segment];
            var last = segment.End.Value == rest.Length;
            if (text.StartsWith("..", StringComparison.Ordinal) || (text.IsEmpty && !last))
                return false;
        }

        return true;
    }

    private static bool IsHarmlessEscape(ReadOnlySpan<char> hex) =>
        hex.Length >= 2 && char.IsAsciiHexDigit(hex[0]) && char.IsAsciiHexDigit(hex[1])
        && byte.Parse(hex[..2], System.Globalization.NumberStyles.HexNumber, provider: null) is not (
            (byte)'.' or (byte)'/' or (byte)'\\' or (byte)'%' or (byte)';' or < 0x20);
}
