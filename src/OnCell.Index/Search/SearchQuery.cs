using OnCell.Indexing.Tokens;

namespace OnCell.Indexing.Search;

/// <summary>A parsed query.</summary>
internal sealed class SearchQuery
{
    /// <summary>A query longer than this is refused, in characters.</summary>
    public const int MaxLength = 4_096;

    /// <summary>Words beyond this are not looked up.</summary>
    private const int MaxWords = 64;

    private SearchQuery(List<QueryWord> words, List<string> compounds)
    {
        Words = words;
        Compounds = compounds;
    }

    /// <summary>Gets the words that are looked up.</summary>
    public IReadOnlyList<QueryWord> Words { get; }

    /// <summary>Gets neighbouring words joined, which may be one identifier in the code: <c>path router</c>.</summary>
    public IReadOnlyList<string> Compounds { get; }

    /// <summary>Gets whether the query is a name rather than a sentence.</summary>
    public bool IsSymbol => Words.Count == 1 && Compounds.Count == 0;

    /// <summary>Parses a query.</summary>
    /// <exception cref="CodeIndexException">It is empty or too long.</exception>
    public static SearchQuery Parse(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Length > MaxLength)
        {
            throw new CodeIndexException(
                CodeIndexError.InvalidQuery,
                $"The query has {query.Length} characters; at most {MaxLength} are allowed. Ask with the words that matter.");
        }

        var all = Split(query, shortest: 2);
        if (all.Count == 0) all = Split(query, shortest: 1);
        if (all.Count == 0)
        {
            throw new CodeIndexException(
                CodeIndexError.InvalidQuery, "The query has no word to look for. Give words or identifiers.");
        }

        var words = all.Where(w => !StopWords.Contains(w)).ToList();
        if (words.Count == 0) words = all;
        var distinct = words
            .GroupBy(w => w, StringComparer.OrdinalIgnoreCase)
            .Select(g => new QueryWord(g.First(), IsName(g.First())))
            .Take(MaxWords).ToList();
        return new SearchQuery(distinct, Join(words));
    }

    private static List<string> Split(string query, int shortest)
    {
        var words = new List<string>();
        var position = 0;
        while (Identifiers.TryNext(query, ref position, out var identifier, shortest)) words.Add(identifier.ToString());
        return words;
    }

    private static List<string> Join(List<string> words)
    {
        var joined = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i + 1 < words.Count && i < MaxWords; i++)
        {
            joined.Add(words[i] + words[i + 1]);
            if (i + 2 < words.Count) joined.Add(words[i] + words[i + 1] + words[i + 2]);
        }

        return [.. joined];
    }

    /// <summary>Tells an identifier from an English word: it has an underscore or an inner capital.</summary>
    private static bool IsName(string word)
    {
        for (var i = 1; i < word.Length; i++)
        {
            if (word[i] == '_' || (char.IsUpper(word[i]) && !char.IsUpper(word[i - 1]))) return true;
        }

        return false;
    }
}

/// <summary>A word of a query.</summary>
/// <param name="Text">As written.</param>
/// <param name="IsName">Whether it can only be an identifier.</param>
internal readonly record struct QueryWord(string Text, bool IsName);
