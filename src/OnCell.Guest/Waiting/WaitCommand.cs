using System.Buffers.Binary;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Waiting;

/// <summary>The <c>wait</c> mode: the first process of a sandbox that the host booted before it knew whose it would be.</summary>
internal static class WaitCommand
{
    /// <summary>Waits for the cell on standard input and becomes its guest; ends when the host lets go.</summary>
    /// <returns>The exit code; on success the process goes on as another program, and nothing is returned.</returns>
    public static int Run()
    {
        new Fd(1).Write("."u8); // from here on it only waits, and may be frozen
        var input = new Fd(0);
        Span<byte> header = stackalloc byte[sizeof(int)];
        if (!TryFill(input, header))
            return 0;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is <= 0 or > MoveInMessage.MaxBytes)
            throw new ProtocolException($"a message of {length} bytes is none");
        var payload = new byte[length];
        if (!TryFill(input, payload))
            return 0;
        MoveIn.Perform(MoveInMessage.Read(payload));
        return 0;
    }

    /// <summary>Fills the buffer; <see langword="false"/> where the stream ends before.</summary>
    private static bool TryFill(Fd input, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = input.Read(buffer);
            if (count == 0)
                return false;
            buffer = buffer[count..];
        }

        return true;
    }
}
