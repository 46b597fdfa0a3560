using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace OnCell.Sandboxes.Egress;

/// <summary>Serves a SOCKS5 client (<see href="https://www.rfc-editor.org/rfc/rfc1928">RFC 1928</see>): no authentication,
/// and no command but CONNECT.</summary>
internal sealed class SocksSession(EgressConnection connection)
{
    public const byte Version = 5;

    private const byte NoAuthentication = 0;
    private const byte Connect = 1;

    public async Task RunAsync()
    {
        if (!await GreetAsync().ConfigureAwait(false))
            return;
        var (target, refusal) = await ReadRequestAsync().ConfigureAwait(false);
        if (target is null)
        {
            connection.Report(null, allowed: false, rule: null, $"denied: SOCKS request refused: {refusal}");
            await connection.SendLastAsync(Reply(refusal)).ConfigureAwait(false);
            return;
        }

        var opened = await connection.OpenAsync(new EgressRequest(target)).ConfigureAwait(false);
        if (opened.Socket is not { } upstream)
        {
            await connection.SendLastAsync(Reply(ReplyTo(opened.Outcome))).ConfigureAwait(false);
            return;
        }

        using (upstream)
        {
            await connection.Client.SendAllAsync(Reply(SocksReply.Succeeded), connection.Token).ConfigureAwait(false);
            await Tunnel.RunAsync(connection, upstream).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> GreetAsync()
    {
        await NeedAsync(2).ConfigureAwait(false);
        var methods = connection.Input.Span[1];
        await NeedAsync(2 + methods).ConfigureAwait(false);
        var acceptable = connection.Input.Span.Slice(2, methods).Contains(NoAuthentication);
        connection.Input.Consume(2 + methods);
        if (acceptable)
        {
            await connection.Client.SendAllAsync(new byte[] { Version, NoAuthentication }, connection.Token).ConfigureAwait(false);
            return true;
        }

        connection.Report(null, allowed: false, rule: null, "denied: the SOCKS client offers no way without authentication");
        await connection.SendLastAsync(new byte[] { Version, 0xFF }).ConfigureAwait(false);
        return false;
    }

    private async ValueTask<(EgressTarget? Target, SocksReply Refusal)> ReadRequestAsync()
    {
        const int Head = 4;
        await NeedAsync(Head + 1).ConfigureAwait(false);
        var (type, first) = (connection.Input.Span[3], connection.Input.Span[Head]);
        var addressBytes = type switch { 1 => 4, 3 => 1 + first, 4 => 16, _ => 0 };
        if (connection.Input.Span[0] != Version || connection.Input.Span[2] != 0)
            throw new ProtocolException("malformed SOCKS5 request");
        if (connection.Input.Span[1] != Connect)
            return (null, SocksReply.CommandNotSupported);
        if (addressBytes == 0)
            return (null, SocksReply.AddressTypeNotSupported);
        await NeedAsync(Head + addressBytes + 2).ConfigureAwait(false);
        var target = ParseTarget(type, connection.Input.Span.Slice(Head, addressBytes + 2));
        connection.Input.Consume(Head + addressBytes + 2);
        return target is null ? (null, SocksReply.NotAllowed) : (target, default);
    }

    private static EgressTarget? ParseTarget(byte type, ReadOnlySpan<byte> bytes)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[^2..]);
        if (port == 0)
            return null;
        if (type != 3)
            return EgressTarget.ForAddress(new IPAddress(bytes[..^2]), port);
        return EgressTarget.TryCreate(Encoding.Latin1.GetString(bytes[1..^2]), port, out var target) ? target : null;
    }

    private async ValueTask NeedAsync(int count)
    {
        while (connection.Input.Span.Length < count)
        {
            if (!await connection.Input.FillAsync(connection.Token).ConfigureAwait(false))
                throw new ProtocolException("the SOCKS5 handshake ended early");
        }
    }

    private static SocksReply ReplyTo(ConnectOutcome outcome) => outcome switch
    {
        ConnectOutcome.Denied => SocksReply.NotAllowed,
        ConnectOutcome.Refused => SocksReply.ConnectionRefused,
        _ => SocksReply.HostUnreachable,
    };

    private static byte[] Reply(SocksReply reply) => [Version, (byte)reply, 0, 1, 0, 0, 0, 0, 0, 0];
}

/// <summary>The reply codes in use.</summary>
internal enum SocksReply : byte
{
    Succeeded = 0,
    NotAllowed = 2,
    HostUnreachable = 4,
    ConnectionRefused = 5,
    CommandNotSupported = 7,
    AddressTypeNotSupported = 8,
}
