using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace OnCell.Indexing.Tokens;

/// <summary>Terms are kept as 64-bit hashes: a dictionary of strings would be larger than the postings.</summary>
internal static class Term
{
    private const int MaxLength = 128;

    /// <summary>Hashes a whole identifier: case and underscores do not count.</summary>
    public static ulong Whole(TermSpace space, ReadOnlySpan<char> identifier)
    {
        Span<char> normal = stackalloc char[MaxLength];
        var length = 0;
        foreach (var c in identifier)
        {
            if (c is '_' or '$') continue;
            if (length == MaxLength) break;
            normal[length++] = char.ToLowerInvariant(c);
        }

        return Hash(space, normal[..length]);
    }

    /// <summary>Hashes the stem of one part of an identifier.</summary>
    public static ulong Stem(TermSpace space, ReadOnlySpan<char> part)
    {
        Span<char> normal = stackalloc char[MaxLength];
        var length = Math.Min(part.Length, MaxLength);
        part[..length].ToLowerInvariant(normal);
        return Hash(space, normal[..LightStemmer.Stem(normal[..length])]);
    }

    private static ulong Hash(TermSpace space, ReadOnlySpan<char> normal)
        => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(normal), (long)space);
}
