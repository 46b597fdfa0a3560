using System.Text.RegularExpressions;
using OnCell.Tests;

namespace OnCell.Docs.Tests.Snippets;

/// <summary>Finds the blocks of C# in what people read.</summary>
public static partial class SnippetReader
{
    /// <summary>Gets the README, the documentation, and the README of each package, from the repository's root.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        .. new[] { Repository.PathOf("README.md") }
            .Concat(Directory.GetFiles(Repository.PathOf("docs"), "*.md"))
            .Concat(Directory.GetDirectories(Repository.PathOf("src")).Select(package => Path.Combine(package, "README.md")).Where(File.Exists))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Returns the blocks of all pages.</summary>
    public static IEnumerable<Snippet> ReadAll() => Pages.SelectMany(page => Read(page, File.ReadAllText(Repository.PathOf(page))));

    /// <summary>Returns the blocks of a text.</summary>
    public static IEnumerable<Snippet> Read(string file, string text) =>
        from Match block in Block().Matches(text)
        let fence = block.Groups["info"].Index
        select new Snippet(
            file, text.AsSpan(0, fence).Count('\n') + 1, block.Groups["code"].Value, block.Groups["before"].Value, block.Groups["info"].Value.Trim());

    [GeneratedRegex(
        @"(<!--\s*csharp:(?<before>(?:(?!-->)[\s\S])*)-->\s*)?^```csharp\b(?<info>[^\n]*)\n(?<code>[\s\S]*?)^```[ \t]*$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Block();
}
