using System.Globalization;
using System.Text;

namespace OnCell.Sandboxes.Egress;

/// <summary>Writes the heads that the proxy sends, and its own answers.</summary>
internal static class HttpMessage
{
    /// <summary>Fields that belong to one connection (<see href="https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1">RFC 9110,
    /// 7.6.1</see>), and those that the proxy writes itself.</summary>
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Host",
    };

    public static byte[] ConnectionEstablished { get; } = "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray();

    public static byte[] ToUpstream(HttpRequestHead request)
    {
        var target = request.Target;
        var authority = target.Port == 80 ? target.ToString()[..^":80".Length] : target.ToString();
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Path} HTTP/1.1\r\nHost: {authority}\r\n");
        AppendFields(text, request.Head, request.Framing);
        return Finish(text);
    }

    public static byte[] ToClient(HttpResponseHead response, bool chunked, bool close)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {response.Status:000} {response.Phrase}\r\n");
        AppendFields(text, response.Head, chunked ? new HttpFraming(HttpBodyKind.Chunked) : default);
        if (close)
            text.Append("Connection: close\r\n");
        return Finish(text);
    }

    /// <summary>An answer of the proxy itself, after which the connection ends.</summary>
    public static byte[] Own(int status, string text)
    {
        var phrase = status switch
        {
            400 => "Bad Request",
            403 => "Forbidden",
            408 => "Request Timeout",
            431 => "Request Header Fields Too Large",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            504 => "Gateway Timeout",
            505 => "HTTP Version Not Supported",
            _ => "Error",
        };
        var body = Encoding.UTF8.GetBytes(text + "\n");
        var head = $"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static void AppendFields(StringBuilder text, HttpHead head, HttpFraming framing)
    {
        // A sender may name further fields of the connection, but not talk the proxy out of the body's length.
        var named = head.Elements("Connection").ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in head.Fields)
        {
            var isLength = name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
            if (!NotForwarded.Contains(name) && (isLength || !named.Contains(name)))
                text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (framing.Kind == HttpBodyKind.Chunked)
            text.Append("Transfer-Encoding: chunked\r\n");
        text.Append("Via: 1.1 oncell\r\n");
    }

    private static byte[] Finish(StringBuilder text) => Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
}
