namespace OnCell.Indexing.Tokens;

/// <summary>Finds the identifiers of a text, and the words inside an identifier.</summary>
internal static class Identifiers
{
    /// <summary>Names longer than this are data, not names.</summary>
    private const int MaxLength = 100;

    /// <summary>Moves past the next identifier or number of <paramref name="text"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">Where to look; moved behind what was found.</param>
    /// <param name="identifier">What was found.</param>
    /// <param name="shortest">Shorter ones are passed over: in running text, single letters say nothing.</param>
    /// <returns>Whether there was one.</returns>
    public static bool TryNext(
        ReadOnlySpan<char> text, ref int position, out ReadOnlySpan<char> identifier, int shortest = 2)
    {
        while (position < text.Length)
        {
            if (!IsPartOfName(text[position]))
            {
                position++;
                continue;
            }

            var start = position;
            while (position < text.Length && IsPartOfName(text[position])) position++;
            identifier = text[start..position];
            if (identifier.Length >= shortest && identifier.Length <= MaxLength && !IsLongNumber(identifier)) return true;
        }

        identifier = default;
        return false;
    }

    /// <summary>Moves past the next word inside an identifier: <c>parseHTTPHeader_v2</c> has parse, HTTP, Header, v2.</summary>
    public static bool TryNextPart(ReadOnlySpan<char> identifier, ref int position, out ReadOnlySpan<char> part)
    {
        while (position < identifier.Length && identifier[position] is '_' or '$') position++;
        var start = position;
        if (start >= identifier.Length)
        {
            part = default;
            return false;
        }

        for (position++; position < identifier.Length; position++)
        {
            var c = identifier[position];
            if (c is '_' or '$') break;
            if (!char.IsUpper(c)) continue;
            var previous = identifier[position - 1];
            var next = position + 1 < identifier.Length ? identifier[position + 1] : '\0';
            if (!char.IsUpper(previous) || char.IsLower(next)) break;
        }

        part = identifier[start..position];
        return true;
    }

    public static bool IsPartOfName(char c)
        => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' || (c >= 128 && char.IsLetterOrDigit(c));

    /// <summary>Long numbers, and hexadecimal data, say nothing.</summary>
    private static bool IsLongNumber(ReadOnlySpan<char> identifier)
        => char.IsAsciiDigit(identifier[0]) && identifier.Length > 4;
}
