using System.Text;

namespace OnCell.Models;

/// <summary>Estimates tokens without any provider's tables: four ASCII characters are one, every other character is one.</summary>
/// <remarks>
/// For English and code that is some tokens too many rather than too few; scripts that the common vocabularies know less
/// well have about one token a character.
/// </remarks>
internal static class TokenEstimate
{
    private const int AsciiPerToken = 4;

    public static int Of(ReadOnlySpan<char> text)
    {
        var others = 0;
        foreach (var c in text)
        {
            if (c > 127) others++;
        }

        return others + ((text.Length - others + AsciiPerToken - 1) / AsciiPerToken);
    }

    /// <summary>Cuts a text to a budget: its head and its tail, and a line between them that says what is left out.</summary>
    public static string Fit(string text, int maxTokens)
    {
        if (Of(text) <= maxTokens) return text;
        var half = Math.Max(0, maxTokens) / 2;
        var head = Length(text, half, fromEnd: false);
        var tail = Length(text, half, fromEnd: true);
        return new StringBuilder(text, 0, head, head + tail + 64)
            .Append("\n[… ").Append(text.Length - head - tail).Append(" characters left out …]\n")
            .Append(text, text.Length - tail, tail).ToString();
    }

    /// <summary>How many characters of one end of a text make a number of tokens; never half a surrogate pair.</summary>
    private static int Length(string text, int tokens, bool fromEnd)
    {
        var quarters = 0L;
        for (var n = 0; n < text.Length; n++)
        {
            var c = fromEnd ? text[^(n + 1)] : text[n];
            quarters += c > 127 ? AsciiPerToken : 1;
            if (quarters <= (long)tokens * AsciiPerToken) continue;
            var splits = n > 0 && (fromEnd ? char.IsLowSurrogate(text[^n]) : char.IsHighSurrogate(text[n - 1]));
            return splits ? n - 1 : n;
        }

        return text.Length;
    }
}
