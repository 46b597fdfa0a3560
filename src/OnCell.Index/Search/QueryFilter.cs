using System.Text;
using System.Text.RegularExpressions;
using OnCell.Indexing.Ignoring;
using OnCell.Indexing.Languages;

namespace OnCell.Indexing.Search;

/// <summary>What a hit must fulfil beside matching words.</summary>
/// <param name="Paths">The globs of <c>path:</c>.</param>
/// <param name="Languages">The languages of <c>lang:</c>, in lower case.</param>
/// <param name="Phrases">Texts that the chunk must contain, whatever their case.</param>
/// <param name="Regex">An expression that must match in the chunk.</param>
internal sealed record QueryFilter(GlobSet? Paths, IReadOnlySet<string> Languages, IReadOnlyList<string> Phrases, Regex? Regex)
{
    /// <summary>Gets whether only the text of a chunk can tell that it fits.</summary>
    public bool NeedsContent => Phrases.Count > 0 || Regex is not null;

    /// <summary>Gets the trigram bits that every chunk has that fits; none where there is no way to tell.</summary>
    public int[] NeededBits { get; } =
        Storage.TrigramSignature.BitsOf([.. Phrases, .. Regex is null ? [] : RegexLiterals.Of(Regex.ToString())]);

    /// <summary>Tells whether hits may come from a file.</summary>
    public bool AllowsFile(string path)
    {
        if (Languages.Count > 0 && !Languages.Contains(LanguageCatalog.Of(path).Name)) return false;
        return Paths is null || Paths.IsMatch(Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(Path.GetFileName(path)));
    }

    /// <summary>Tells whether a chunk's text fits.</summary>
    public bool AllowsText(ReadOnlySpan<char> content)
    {
        foreach (var phrase in Phrases)
        {
            if (!content.Contains(phrase, StringComparison.OrdinalIgnoreCase)) return false;
        }

        return Regex is null || Regex.IsMatch(content);
    }
}
