using System.Numerics;

namespace OnCell.Indexing.Storage;

/// <summary>Which groups of three letters a chunk may hold: 2,048 bits, so that a phrase or expression need not be looked for in all text.</summary>
/// <remarks>
/// A chunk of usual size sets a third of the bits: one that lacks a text of eight letters seems to hold it once in a thousand times.
/// Case does not count, and groups with other than ASCII characters are left out, on both sides.
/// </remarks>
internal static class TrigramSignature
{
    public const int Bytes = 256;

    /// <summary>Sets the bits of a text.</summary>
    public static void Add(ReadOnlySpan<char> text, Span<byte> signature)
    {
        var (window, length) = (0u, 0);
        foreach (var c in text)
        {
            if (!Push(c, ref window, ref length)) continue;
            var bit = Bit(window);
            signature[bit >> 3] |= (byte)(1 << (bit & 7));
        }
    }

    /// <summary>Lists the bits that every chunk with one of the texts has.</summary>
    public static int[] BitsOf(IEnumerable<string> texts)
    {
        var bits = new HashSet<int>();
        foreach (var text in texts)
        {
            var (window, length) = (0u, 0);
            foreach (var c in text)
            {
                if (Push(c, ref window, ref length)) bits.Add(Bit(window));
            }
        }

        return [.. bits];
    }

    /// <summary>Tells whether all bits are set.</summary>
    public static bool Has(ReadOnlySpan<byte> signature, int[] bits)
    {
        foreach (var bit in bits)
        {
            if ((signature[bit >> 3] & (1 << (bit & 7))) == 0) return false;
        }

        return true;
    }

    /// <summary>Moves the window on; tells whether it holds three letters.</summary>
    private static bool Push(char c, ref uint window, ref int length)
    {
        if (c >= 128)
        {
            length = 0;
            return false;
        }

        window = ((window << 8) | (char.IsAsciiLetterUpper(c) ? (uint)(c | 0x20) : c)) & 0xFF_FFFF;
        return ++length >= 3;
    }

    private static int Bit(uint window) => (int)(window * 0x9E37_79B1u >> (32 - BitOperations.Log2(Bytes * 8)));
}
