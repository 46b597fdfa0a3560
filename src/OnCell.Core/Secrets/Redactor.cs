using System.Buffers;
using System.Text;

namespace OnCell.Secrets;

/// <summary>Finds the values of secrets in text by their usual spellings, all at once.</summary>
/// <remarks>It cannot find what a program has encrypted, reversed or cut into pieces; it is the last line, not the first.</remarks>
internal sealed class Redactor : IRedactor
{
    public static readonly Redactor None = new([]);

    private readonly SearchValues<string> _search;
    private readonly (string Spelling, string Mark)[] _spellings;

    public Redactor(IEnumerable<(string Name, string Value)> secrets)
    {
        _spellings = [.. secrets
            .SelectMany(s => SecretSpellings.Of(s.Value).Select(spelling => (spelling, $"[secret:{s.Name}]")))
            .DistinctBy(s => s.spelling)
            .OrderByDescending(s => s.spelling.Length)];
        _search = SearchValues.Create([.. _spellings.Select(s => s.Spelling)], StringComparison.Ordinal);
    }

    public bool IsEmpty => _spellings.Length == 0;

    /// <summary>Gets how many characters at the end of a text may be the beginning of a value that goes on.</summary>
    public int LongestOpenEnd(ReadOnlySpan<char> text)
    {
        var longest = 0;
        foreach (var (spelling, _) in _spellings)
        {
            for (var length = Math.Min(spelling.Length - 1, text.Length); length > longest; length--)
            {
                if (text[^length..].SequenceEqual(spelling.AsSpan(0, length))) longest = length;
            }
        }

        return longest;
    }

    public string Redact(string text)
    {
        if (IsEmpty) return text;
        var rest = text.AsSpan();
        var at = rest.IndexOfAny(_search);
        if (at < 0) return text;
        var clean = new StringBuilder(text.Length);
        while (at >= 0)
        {
            clean.Append(rest[..at]);
            rest = rest[at..];
            var (spelling, mark) = Match(rest);
            clean.Append(mark);
            rest = rest[spelling.Length..];
            at = rest.IndexOfAny(_search);
        }

        return clean.Append(rest).ToString();
    }

    /// <summary>The longest spelling that begins here: the search only tells that one does.</summary>
    private (string Spelling, string Mark) Match(ReadOnlySpan<char> text)
    {
        foreach (var spelling in _spellings)
        {
            if (text.StartsWith(spelling.Spelling, StringComparison.Ordinal)) return spelling;
        }

        throw new InvalidOperationException("A text that was searched has changed.");
    }
}
