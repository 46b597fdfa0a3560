using OnCell.Indexing.Tokens;

namespace OnCell.Indexing.Search;

/// <summary>A parsed query.</summary>
/// <param name="Words">The words that are looked up.</param>
/// <param name="Compounds">Neighbouring words joined, which may be one identifier in the code: <c>path router</c>.</param>
/// <param name="Filter">What hits must fulfil besides.</param>
internal sealed record SearchQuery(IReadOnlyList<QueryWord> Words, IReadOnlyList<string> Compounds, QueryFilter Filter)
{
    /// <summary>A query longer than this is refused, in characters.</summary>
    public const int MaxLength = 4_096;

    /// <summary>Words beyond this are not looked up.</summary>
    private const int MaxWords = 64;

    /// <summary>Gets whether this is a name rather than a sentence: vectors blur what names say exactly.</summary>
    public bool IsSymbol => Words.Count < 2 || Words.All(w => w.IsName);

    /// <summary>Parses a query.</summary>
    /// <exception cref="CodeIndexException">It is empty or too long, or has an invalid filter.</exception>
    public static SearchQuery Parse(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Length > MaxLength)
        {
            throw new CodeIndexException(
                CodeIndexError.InvalidQuery,
                $"The query has {query.Length} characters; at most {MaxLength} are allowed. Ask with the words that matter.");
        }

        var (text, filter) = QueryParser.Parse(query);
        var words = SplitWords(text);
        if (words.Count == 0 && !filter.NeedsContent)
        {
            throw new CodeIndexException(
                CodeIndexError.InvalidQuery,
                "The query has no word to look for. Give words or identifiers, a \"phrase\", or regex:\"…\".");
        }

        return Of(words, filter);
    }

    /// <summary>Makes a query of words.</summary>
    public static SearchQuery Of(IReadOnlyList<string> words, QueryFilter filter)
    {
        var distinct = words
            .GroupBy(w => w, StringComparer.OrdinalIgnoreCase)
            .Select(g => new QueryWord(g.First(), IsName(g.First())))
            .Take(MaxWords).ToList();
        return new SearchQuery(distinct, Join(words), filter);
    }

    /// <summary>Splits a text into the words worth looking up: all but stop words, unless there are no others.</summary>
    private static List<string> SplitWords(string text)
    {
        var all = Split(text, shortest: 2);
        if (all.Count == 0) all = Split(text, shortest: 1);
        var words = all.Where(w => !StopWords.Contains(w)).ToList();
        return words.Count == 0 ? all : words;
    }

    private static List<string> Split(string text, int shortest)
    {
        var words = new List<string>();
        var position = 0;
        while (Identifiers.TryNext(text, ref position, out var identifier, shortest)) words.Add(identifier.ToString());
        return words;
    }

    private static List<string> Join(IReadOnlyList<string> words)
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
