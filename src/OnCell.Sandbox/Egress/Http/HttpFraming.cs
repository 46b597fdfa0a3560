using System.Globalization;

namespace OnCell.Sandboxes.Egress;

/// <summary>How the end of a body is known.</summary>
internal enum HttpBodyKind
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>The framing of a body, or a refusal where it is ambiguous.</summary>
/// <param name="Kind">How its end is known.</param>
/// <param name="Length">Its bytes, where <paramref name="Kind"/> is <see cref="HttpBodyKind.Length"/>.</param>
internal readonly record struct HttpFraming(HttpBodyKind Kind, long Length = 0)
{
    private const int MaxDigits = 18;

    /// <exception cref="ProtocolException">The framing could be read in two ways.</exception>
    public static HttpFraming OfRequest(HttpHead head, bool isHttp11) => Of(head, isHttp11) ?? new HttpFraming(HttpBodyKind.None);

    /// <exception cref="ProtocolException">The framing could be read in two ways.</exception>
    public static HttpFraming OfResponse(HttpHead head, bool isHttp11, int status, string method)
    {
        var framing = Of(head, isHttp11);
        return method == "HEAD" || status is 204 or 304
            ? new HttpFraming(HttpBodyKind.None)
            : framing ?? new HttpFraming(HttpBodyKind.UntilClose);
    }

    private static HttpFraming? Of(HttpHead head, bool isHttp11)
    {
        var encoding = head.Single("Transfer-Encoding");
        var length = head.Single("Content-Length");
        if (encoding is not null)
        {
            if (length is not null)
                throw new ProtocolException("both Content-Length and Transfer-Encoding");
            if (!isHttp11 || !encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
                throw new ProtocolException("a Transfer-Encoding other than \"chunked\" of HTTP/1.1", status: 501);
            return new HttpFraming(HttpBodyKind.Chunked);
        }

        if (length is null)
            return null;
        if (length.Length > MaxDigits || !long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            throw new ProtocolException("malformed Content-Length");
        return bytes == 0 ? new HttpFraming(HttpBodyKind.None) : new HttpFraming(HttpBodyKind.Length, bytes);
    }
}
