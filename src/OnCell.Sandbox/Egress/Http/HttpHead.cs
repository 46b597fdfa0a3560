using System.Buffers;
using System.Text;

namespace OnCell.Sandboxes.Egress;

/// <summary>The start line and fields of an HTTP/1 message, read strictly.</summary>
/// <remarks>
/// Whatever two parsers could read in two ways is refused (bare line feeds, folded lines, spaces before a colon, bytes
/// that are not field text), because a message read differently here and upstream is a message smuggled.
/// <see href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112</see>.
/// </remarks>
internal sealed class HttpHead
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private HttpHead(string startLine, List<(string Name, string Value)> fields) => (StartLine, Fields) = (startLine, fields);

    public string StartLine { get; }

    public IReadOnlyList<(string Name, string Value)> Fields { get; }

    /// <summary>Receives one head.</summary>
    /// <returns><see langword="null"/> where the stream ended before its first byte.</returns>
    /// <exception cref="ProtocolException">It is malformed, too long, or cut off.</exception>
    public static async ValueTask<HttpHead?> ReceiveAsync(SocketBuffer input, int maxBytes, CancellationToken cancellationToken)
    {
        var scanned = 0;
        while (true)
        {
            if (FindEnd(input.Span, ref scanned) is var end and > 0 && end <= maxBytes)
            {
                var head = Parse(input.Span[..end]);
                input.Consume(end);
                return head;
            }

            if (input.Span.Length >= maxBytes)
                throw new ProtocolException($"the head is longer than {maxBytes} bytes", status: 431);
            if (await input.FillAsync(cancellationToken).ConfigureAwait(false))
                continue;
            return input.IsEmpty ? null : throw new ProtocolException("the connection ended within a head");
        }
    }

    /// <summary>Parses a whole head, from its start line to the empty line.</summary>
    public static HttpHead Parse(ReadOnlySpan<byte> block)
    {
        var fields = new List<(string, string)>();
        string? startLine = null;
        while (block.IndexOf("\r\n"u8) is var end and > 0)
        {
            var line = block[..end];
            block = block[(end + 2)..];
            if (startLine is null)
                startLine = ParseText(line);
            else
                fields.Add(ParseField(line));
        }

        return startLine is not null && block.SequenceEqual("\r\n"u8)
            ? new HttpHead(startLine, fields)
            : throw new ProtocolException("malformed HTTP head");
    }

    /// <summary>Gets the values of every field of a name, each comma-separated part by itself.</summary>
    public IEnumerable<string> Elements(string name) =>
        Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .SelectMany(field => field.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Gets the value of a field that may stand at most once.</summary>
    public string? Single(string name)
    {
        string? single = null;
        foreach (var (field, value) in Fields)
        {
            if (!field.Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            single = single is null ? value : throw new ProtocolException($"more than one {name} field");
        }

        return single;
    }

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    /// <summary>Finds the byte after the empty line, or 0; remembers how far it looked.</summary>
    private static int FindEnd(ReadOnlySpan<byte> bytes, ref int scanned)
    {
        while (bytes[scanned..].IndexOf((byte)'\n') is var next and >= 0)
        {
            var feed = scanned + next;
            if (feed == 0 || bytes[feed - 1] != '\r')
                throw new ProtocolException("a line ends in a bare line feed");
            scanned = feed + 1;
            if (feed >= 3 && bytes[feed - 2] == '\n')
                return scanned;
            if (feed == 1)
                throw new ProtocolException("an empty line stands before the start line");
        }

        return 0;
    }

    private static (string Name, string Value) ParseField(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        return colon > 0 && IsToken(line[..colon])
            ? (Encoding.ASCII.GetString(line[..colon]), ParseText(line[(colon + 1)..].Trim(" \t"u8)))
            : throw new ProtocolException("malformed HTTP field");
    }

    private static string ParseText(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if (b is (< 0x20 and not (byte)'\t') or 0x7F)
                throw new ProtocolException("a control character in an HTTP head");
        }

        return Encoding.Latin1.GetString(text);
    }
}
