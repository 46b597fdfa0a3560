using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OnCell.Sandboxes.Egress;

/// <summary>Copies a body, framing it anew: nothing of the sender's own chunking reaches the receiver.</summary>
internal sealed class HttpBody(SocketBuffer from, Socket to, bool chunked, Action<int> count, CancellationToken cancellationToken)
{
    private const int MaxLineBytes = 4 * 1024;
    private const int MaxTrailerLines = 100;
    private const int MaxChunkDigits = 15;

    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    public async Task CopyAsync(HttpFraming framing)
    {
        switch (framing.Kind)
        {
            case HttpBodyKind.Length:
                await CopyExactlyAsync(framing.Length).ConfigureAwait(false);
                break;
            case HttpBodyKind.Chunked:
                await CopyChunksAsync().ConfigureAwait(false);
                break;
            case HttpBodyKind.UntilClose:
                await CopyToEndAsync().ConfigureAwait(false);
                break;
            default:
                return;
        }

        if (chunked)
            await to.SendAllAsync(LastChunk, cancellationToken).ConfigureAwait(false);
    }

    private async Task CopyToEndAsync()
    {
        while (!from.IsEmpty || await from.FillAsync(cancellationToken).ConfigureAwait(false))
            await SendAsync(from.Span.Length).ConfigureAwait(false);
    }

    private async Task CopyExactlyAsync(long length)
    {
        while (length > 0)
        {
            if (from.IsEmpty)
                await NeedAsync().ConfigureAwait(false);
            var piece = (int)Math.Min(length, from.Span.Length);
            await SendAsync(piece).ConfigureAwait(false);
            length -= piece;
        }
    }

    private async Task CopyChunksAsync()
    {
        while (true)
        {
            var size = ParseChunkSize(await ReadLineAsync().ConfigureAwait(false));
            if (size == 0)
                break;
            await CopyExactlyAsync(size).ConfigureAwait(false);
            if (await ReadLineAsync().ConfigureAwait(false) is not "")
                throw new ProtocolException("a chunk is longer than its size says");
        }

        // Trailers are dropped: no field that comes after the checks gets through.
        for (var lines = 0; await ReadLineAsync().ConfigureAwait(false) is not ""; lines++)
        {
            if (lines == MaxTrailerLines)
                throw new ProtocolException("too many trailers");
        }
    }

    internal static long ParseChunkSize(string line)
    {
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        var digits = (semicolon < 0 ? line : line[..semicolon]).TrimEnd(' ', '\t');
        return digits.Length is > 0 and <= MaxChunkDigits
            && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw new ProtocolException("malformed chunk size");
    }

    private async ValueTask<string> ReadLineAsync()
    {
        while (true)
        {
            var feed = from.Span.IndexOf((byte)'\n');
            if (feed == 0 || (feed > 0 && from.Span[feed - 1] != '\r') || (feed < 0 && from.Span.Length > MaxLineBytes))
                throw new ProtocolException("malformed chunk");
            if (feed > 0)
            {
                var line = from.Span[..(feed - 1)];
                if (line.Contains((byte)'\r') || line.Length > MaxLineBytes)
                    throw new ProtocolException("malformed chunk");
                var text = Encoding.Latin1.GetString(line);
                from.Consume(feed + 1);
                return text;
            }

            await NeedAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask NeedAsync()
    {
        var more = false;
        try
        {
            more = await from.FillAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // A reset is an end like any other, and the sender's fault: the receiver's failures look different.
        }

        if (!more)
            throw new ProtocolException("the connection ended within a body");
    }

    private async ValueTask SendAsync(int length)
    {
        var piece = from.Memory[..length];
        if (chunked)
            await SendChunkAsync(piece).ConfigureAwait(false);
        else
            await to.SendAllAsync(piece, cancellationToken).ConfigureAwait(false);
        from.Consume(length);
        count(length);
    }

    /// <summary>Sends one chunk. Three sends would be three segments on the wire; a copy is cheaper.</summary>
    private async ValueTask SendChunkAsync(ReadOnlyMemory<byte> piece)
    {
        const int SizeLine = 8 + 2; // the digits of an int, and the line's end
        var chunk = ArrayPool<byte>.Shared.Rent(SizeLine + piece.Length + 2);
        try
        {
            piece.Length.TryFormat(chunk, out var digits, "x", CultureInfo.InvariantCulture);
            "\r\n"u8.CopyTo(chunk.AsSpan(digits));
            piece.CopyTo(chunk.AsMemory(digits + 2));
            "\r\n"u8.CopyTo(chunk.AsSpan(digits + 2 + piece.Length));
            await to.SendAllAsync(chunk.AsMemory(0, digits + 2 + piece.Length + 2), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
