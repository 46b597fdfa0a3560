namespace OnCell.Sandboxes.Egress;

/// <summary>What a proxied request asks for, out of its head.</summary>
internal sealed record HttpRequestHead
{
    private const string Scheme = "http://";

    public required HttpHead Head { get; init; }

    public required string Method { get; init; }

    public required EgressTarget Target { get; init; }

    /// <summary>Gets the path and query; empty for CONNECT.</summary>
    public required string Path { get; init; }

    public required bool IsHttp11 { get; init; }

    public required HttpFraming Framing { get; init; }

    public bool IsConnect => Method == "CONNECT";

    /// <summary>Gets whether the client will send a further request on this connection.</summary>
    public bool KeepAlive => IsHttp11
        && !Head.Elements("Connection").Concat(Head.Elements("Proxy-Connection")).Contains("close", StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ProtocolException">It is not a request to a proxy, or one that could be read in two ways.</exception>
    public static HttpRequestHead Parse(HttpHead head)
    {
        if (head.StartLine.Split(' ') is not [var method, var uri, var version])
            throw new ProtocolException("malformed request line");
        var isHttp11 = version switch
        {
            "HTTP/1.1" => true,
            "HTTP/1.0" => false,
            _ => throw new ProtocolException("unknown HTTP version", status: 505),
        };
        if (method.Length == 0 || !method.All(c => char.IsAsciiLetter(c) || c is '-' or '_'))
            throw new ProtocolException("malformed method");
        if (uri.Length == 0 || uri.AsSpan().ContainsAnyExceptInRange('!', '~') || uri.Contains('#', StringComparison.Ordinal))
            throw new ProtocolException("malformed request target");
        if (head.Single("Host") is null && isHttp11)
            throw new ProtocolException("no Host field");
        var framing = HttpFraming.OfRequest(head, isHttp11);
        var (target, path) = method == "CONNECT" ? ParseTunnel(uri, framing) : ParseAbsolute(uri, method);
        return new HttpRequestHead
        {
            Head = head,
            Method = method,
            Target = target,
            Path = path,
            IsHttp11 = isHttp11,
            Framing = framing,
        };
    }

    private static (EgressTarget Target, string Path) ParseTunnel(string authority, HttpFraming framing)
    {
        if (framing.Kind != HttpBodyKind.None)
            throw new ProtocolException("CONNECT with a body");
        return EgressTarget.TryParse(authority, defaultPort: null, out var target)
            ? (target, "")
            : throw new ProtocolException("CONNECT needs a host name or address and a port");
    }

    private static (EgressTarget Target, string Path) ParseAbsolute(string uri, string method)
    {
        if (!uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new ProtocolException("this is a proxy: ask for http://HOST/PATH, or CONNECT for https");
        var end = uri.AsSpan(Scheme.Length).IndexOfAny('/', '?');
        var authority = end < 0 ? uri.AsSpan(Scheme.Length) : uri.AsSpan(Scheme.Length, end);
        if (!EgressTarget.TryParse(authority, defaultPort: 80, out var target))
            throw new ProtocolException("the request target has no usable host name or address");
        var path = end < 0 ? "" : uri[(Scheme.Length + end)..];
        return (target, path switch
        {
            "" => method == "OPTIONS" ? "*" : "/",
            ['?', ..] => "/" + path,
            _ => path,
        });
    }
}
