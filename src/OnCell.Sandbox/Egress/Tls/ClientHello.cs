using System.Buffers.Binary;
using System.Text;

namespace OnCell.Sandboxes.Egress;

/// <summary>What the first bytes of a stream are.</summary>
internal enum ClientHelloState
{
    /// <summary>More bytes are needed to tell.</summary>
    Incomplete,

    /// <summary>They do not begin a TLS handshake.</summary>
    NotTls,

    /// <summary>They begin one that no server should accept.</summary>
    Malformed,

    /// <summary>A whole ClientHello is there.</summary>
    Complete,
}

/// <summary>Reads the server name out of a TLS ClientHello, over as many records as it is split into.</summary>
/// <remarks>
/// <see href="https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2">RFC 8446, 4.1.2</see> and
/// <see href="https://www.rfc-editor.org/rfc/rfc6066#section-3">RFC 6066, 3</see>. With encrypted ClientHello the name is
/// the outer one, the only one that the network sees.
/// </remarks>
internal static class ClientHello
{
    /// <summary>The first byte of a record that carries a handshake.</summary>
    public const byte HandshakeRecord = 22;

    /// <summary>How many bytes of records are looked at. Real ones have below 2 KiB, or 4 with post-quantum keys.</summary>
    public const int MaxBytes = 32 * 1024;

    private const int MaxMessageBytes = 16 * 1024;
    private const int MaxRecordBytes = 16 * 1024;
    private const int MaxRecords = 128;
    private const int RecordHeaderBytes = 5;
    private const int MessageHeaderBytes = 4;
    private const byte ClientHelloMessage = 1;

    public static ClientHelloState Read(ReadOnlySpan<byte> stream, out string? serverName)
    {
        serverName = null;
        if (stream.IsEmpty)
            return ClientHelloState.Incomplete;
        if (stream[0] != HandshakeRecord)
            return ClientHelloState.NotTls;
        var state = Assemble(stream, out var message);
        if (state != ClientHelloState.Complete)
            return state;
        return TryReadMessage(message, out serverName) ? ClientHelloState.Complete : ClientHelloState.Malformed;
    }

    /// <summary>Finds the first handshake message, which must fill its records exactly.</summary>
    private static ClientHelloState Assemble(ReadOnlySpan<byte> stream, out ReadOnlySpan<byte> message)
    {
        message = default;
        Span<byte> header = stackalloc byte[MessageHeaderBytes];
        var (have, need) = (0, int.MaxValue);
        var rest = stream;
        for (var records = 1; rest.Length >= RecordHeaderBytes; records++)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[3..]);
            if (rest[0] != HandshakeRecord || rest[1] != 3 || rest[2] > 4 || length is 0 or > MaxRecordBytes || records > MaxRecords)
                return ClientHelloState.Malformed;
            rest = rest[RecordHeaderBytes..];
            var payload = rest[..Math.Min(length, rest.Length)];
            if (have < MessageHeaderBytes)
                payload[..Math.Min(payload.Length, MessageHeaderBytes - have)].CopyTo(header[have..]);
            have += payload.Length;
            if (have >= 1 && header[0] != ClientHelloMessage)
                return ClientHelloState.Malformed;
            if (have >= MessageHeaderBytes)
                need = MessageHeaderBytes + ((header[1] << 16) | BinaryPrimitives.ReadUInt16BigEndian(header[2..]));
            if (have >= MessageHeaderBytes && need > MaxMessageBytes)
                return ClientHelloState.Malformed;
            if (have - payload.Length + length > need)
                return ClientHelloState.Malformed;
            if (have == need)
            {
                message = Join(stream, need)[MessageHeaderBytes..];
                return ClientHelloState.Complete;
            }

            if (payload.Length < length)
                break;
            rest = rest[length..];
        }

        return ClientHelloState.Incomplete;
    }

    private static ReadOnlySpan<byte> Join(ReadOnlySpan<byte> stream, int count)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(stream[3..]) == count)
            return stream.Slice(RecordHeaderBytes, count);
        var joined = new byte[count];
        var rest = stream;
        for (var filled = 0; filled < count;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[3..]);
            rest.Slice(RecordHeaderBytes, length).CopyTo(joined.AsSpan(filled));
            filled += length;
            rest = rest[(RecordHeaderBytes + length)..];
        }

        return joined;
    }

    private static bool TryReadMessage(ReadOnlySpan<byte> message, out string? serverName)
    {
        serverName = null;
        const int VersionAndRandom = 2 + 32;
        return TrySkip(ref message, VersionAndRandom)
            && TryTake(ref message, 1, out var sessionId) && sessionId.Length <= 32
            && TryTake(ref message, 2, out var suites) && suites.Length >= 2 && suites.Length % 2 == 0
            && TryTake(ref message, 1, out var compressions) && compressions.Length >= 1
            && (message.IsEmpty || (TryTake(ref message, 2, out var extensions) && message.IsEmpty
                && TryReadExtensions(extensions, out serverName)));
    }

    private static bool TryReadExtensions(ReadOnlySpan<byte> extensions, out string? serverName)
    {
        serverName = null;
        while (!extensions.IsEmpty)
        {
            if (extensions.Length < 4)
                return false;
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!TryTake(ref extensions, 2, out var body))
                return false;
            // Twice the extension, and two parsers could read two names.
            if (type == 0 && (serverName is not null || !TryReadServerName(body, out serverName)))
                return false;
        }

        return true;
    }

    private static bool TryReadServerName(ReadOnlySpan<byte> body, out string? serverName)
    {
        serverName = null;
        return TryTake(ref body, 2, out var list) && body.IsEmpty
            && list.Length > 1 && list[0] == 0 // The one type there is: a host name.
            && TrySkip(ref list, 1) && TryTake(ref list, 2, out var name) && list.IsEmpty
            && HostName.TryNormalize(Encoding.Latin1.GetString(name), out serverName);
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < count)
            return false;
        bytes = bytes[count..];
        return true;
    }

    /// <summary>Takes a vector: its length in one or two bytes, then that many bytes.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> bytes, int lengthBytes, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        if (bytes.Length < lengthBytes)
            return false;
        var length = lengthBytes == 1 ? bytes[0] : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        bytes = bytes[lengthBytes..];
        if (bytes.Length < length)
            return false;
        vector = bytes[..length];
        bytes = bytes[length..];
        return true;
    }
}
