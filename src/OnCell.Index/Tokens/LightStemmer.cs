namespace OnCell.Indexing.Tokens;

/// <summary>Brings the forms of an English word together: parse, parser, parsing, parsed.</summary>
/// <remarks>
/// Lighter on inflection and harder on agent nouns than Porter's stemmer, because code names things by what they do
/// (<c>Router</c>, <c>routing</c>, <c>route</c>). Stems need not be words; both sides of a search go through the same rules.
/// </remarks>
internal static class LightStemmer
{
    /// <summary>Endings, longest first in each family, with the shortest stem that may remain.</summary>
    private static readonly (string Ending, int Shortest)[] Endings =
    [
        ("ization", 4), ("isation", 4), ("izing", 4), ("ising", 4), ("izer", 4), ("iser", 4), ("ized", 4), ("ised", 4),
        ("ize", 4), ("ise", 4),
        ("ation", 3), ("ating", 3), ("ator", 3), ("ated", 3), ("ate", 3),
        ("ment", 4), ("ness", 4), ("able", 4), ("ible", 4),
        ("tion", 4), ("ion", 3), ("ing", 3), ("ed", 3), ("er", 3), ("or", 3), ("ly", 4),
    ];

    /// <summary>Stems a word in place.</summary>
    /// <param name="word">The word in lower case; its last character may be changed.</param>
    /// <returns>The length of the stem.</returns>
    public static int Stem(Span<char> word)
    {
        if (word.Length < 4 || !IsAsciiWord(word)) return word.Length;
        var length = StripPlural(word);
        foreach (var (ending, shortest) in Endings)
        {
            var rest = length - ending.Length;
            if (rest < shortest || !word[..length].EndsWith(ending) || !HasVowel(word[..rest])) continue;
            length = ending == "tion" ? rest + 1 : rest; // connection, connect
            break;
        }

        if (length > 3 && word[length - 1] == 'e') length--;
        if (length > 3 && word[length - 1] == word[length - 2] && !IsVowel(word[length - 1])) length--;
        if (length > 2 && word[length - 1] == 'y') word[length - 1] = 'i';
        return length;
    }

    private static int StripPlural(Span<char> word)
    {
        var length = word.Length;
        if (word[length - 1] != 's' || word[length - 2] is 's' or 'u' or 'i') return length;
        if (!word.EndsWith("ies") || length < 5)
        {
            var sibilant = word.EndsWith("sses") || word.EndsWith("xes") || word.EndsWith("shes") || word.EndsWith("ches");
            return length - (sibilant ? 2 : 1);
        }

        word[length - 3] = 'y';
        return length - 2;
    }

    private static bool IsAsciiWord(ReadOnlySpan<char> word)
    {
        foreach (var c in word)
        {
            if (c is < 'a' or > 'z') return false;
        }

        return true;
    }

    private static bool HasVowel(ReadOnlySpan<char> word)
    {
        foreach (var c in word)
        {
            if (IsVowel(c) || c == 'y') return true;
        }

        return false;
    }

    private static bool IsVowel(char c) => c is 'a' or 'e' or 'i' or 'o' or 'u';
}
