using System.Buffers.Binary;
using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>Builds ClientHellos, right and wrong ones.</summary>
internal static class TestHello
{
    /// <summary>A handshake message with a server name, between two extensions of no meaning (GREASE).</summary>
    public static byte[] Message(params string[] serverNames)
    {
        byte[] extensions = [0x0A, 0x0A, 0, 0, .. serverNames.SelectMany(name => Extension(0, NameList(name))), 0x1A, 0x1A, 0, 1, 0];
        return Message(extensions);
    }

    public static byte[] Message(byte[] extensions)
    {
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0x13, 0x01, 1, 0, .. Length(extensions.Length), .. extensions];
        return [1, 0, .. Length(body.Length), .. body];
    }

    public static byte[] Extension(int type, byte[] body) => [.. Length(type), .. Length(body.Length), .. body];

    public static byte[] NameList(string name) =>
        [.. Length(name.Length + 3), 0, .. Length(name.Length), .. Encoding.Latin1.GetBytes(name)];

    /// <summary>Puts a message into records of at most so many bytes.</summary>
    public static byte[] Records(byte[] message, int recordBytes = 16384) =>
        [.. message.Chunk(recordBytes).SelectMany(part => (byte[])[22, 3, 1, .. Length(part.Length), .. part])];

    private static byte[] Length(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
