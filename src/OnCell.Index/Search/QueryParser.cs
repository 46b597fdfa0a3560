using System.Text;
using System.Text.RegularExpressions;
using OnCell.Indexing.Ignoring;

namespace OnCell.Indexing.Search;

/// <summary>Takes the filters out of a query: <c>path:src/** lang:python "exact words" regex:"ab+c" and plain words</c>.</summary>
internal static class QueryParser
{
    /// <summary>Splits a query into its plain words and its filter.</summary>
    /// <exception cref="CodeIndexException">A filter is not valid.</exception>
    public static (string Words, QueryFilter Filter) Parse(string query)
    {
        var words = new StringBuilder();
        var globs = new List<string>();
        var languages = new HashSet<string>(StringComparer.Ordinal);
        var phrases = new List<string>();
        Regex? regex = null;
        for (var position = 0; position < query.Length;)
        {
            var (name, value) = NextPart(query, ref position);
            switch (name)
            {
                case "path":
                    globs.Add(value.Contains('*') || value.Contains('.') ? value : value.TrimEnd('/') + "/**");
                    break;
                case "lang":
                    languages.Add(value.ToLowerInvariant());
                    break;
                case "regex":
                    regex = Compile(value);
                    break;
                case "phrase":
                    phrases.Add(value);
                    words.Append(value).Append(' ');
                    break;
                default:
                    words.Append(value).Append(' ');
                    break;
            }
        }

        var paths = globs.Count == 0 ? null : GlobSet.Parse(globs);
        return (words.ToString(), new QueryFilter(paths, languages, phrases, regex));
    }

    private static (string Name, string Value) NextPart(string query, ref int position)
    {
        var rest = query.AsSpan(position);
        foreach (var name in (ReadOnlySpan<string>)["path", "lang", "regex"])
        {
            if (!rest.StartsWith(name) || rest.Length <= name.Length + 1 || rest[name.Length] != ':') continue;
            if (position > 0 && !char.IsWhiteSpace(query[position - 1])) continue;
            position += name.Length + 1;
            var value = query[position] == '"' ? Quoted(query, ref position) : Bare(query, ref position);
            if (value.Length == 0) throw Invalid($"'{name}:' has no value.");
            return (name, value);
        }

        // A quotation mark that is never closed is a character like any other.
        if (rest[0] == '"' && rest[1..].Contains('"'))
        {
            var phrase = Quoted(query, ref position);
            return (phrase.Length == 0 ? "" : "phrase", phrase);
        }

        var start = position++;
        while (position < query.Length && query[position] != '"' && !char.IsWhiteSpace(query[position - 1])) position++;
        return ("", query[start..position]);
    }

    private static string Quoted(string query, ref int position)
    {
        var end = query.IndexOf('"', position + 1);
        if (end < 0) throw Invalid("A quotation mark after a filter is not closed.");
        var value = query[(position + 1)..end];
        position = end + 1;
        return value;
    }

    private static string Bare(string query, ref int position)
    {
        var start = position;
        while (position < query.Length && !char.IsWhiteSpace(query[position])) position++;
        return query[start..position];
    }

    private static Regex Compile(string pattern)
    {
        try
        {
            // Without backtracking, time is linear in the text, whatever the expression.
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.Multiline | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CodeIndexException(
                CodeIndexError.InvalidQuery,
                $"The expression of 'regex:' is not valid: {e.Message} Look-arounds and back references are not supported.",
                e);
        }
    }

    private static CodeIndexException Invalid(string message) => new(
        CodeIndexError.InvalidQuery, message + " Write for example: path:src/** lang:python regex:\"ab+c\" and words.");
}
