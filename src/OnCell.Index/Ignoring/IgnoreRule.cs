namespace OnCell.Indexing.Ignoring;

/// <summary>One line of an ignore file.</summary>
internal sealed class IgnoreRule
{
    /// <summary>Longer rules are passed over: matching takes time in proportion to a rule's length, in bytes.</summary>
    private const int MaxLength = 512;

    private readonly byte[] _literal;
    private readonly GlobElement[] _glob;
    private readonly bool _anchored;
    private readonly bool _foldersOnly;
    private readonly bool _suffix;

    private IgnoreRule(byte[] literal, GlobElement[] glob, bool anchored, bool foldersOnly, bool suffix, bool negated)
    {
        _literal = literal;
        _glob = glob;
        _anchored = anchored;
        _foldersOnly = foldersOnly;
        _suffix = suffix;
        Negated = negated;
    }

    /// <summary>Gets whether the rule takes back what an earlier one ignored.</summary>
    public bool Negated { get; }

    /// <summary>Parses a line, without its line end.</summary>
    /// <returns>The rule, or <see langword="null"/> for comments, blank lines and what can never match.</returns>
    public static IgnoreRule? Parse(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || line[0] == '#' || line.Length > MaxLength) return null;
        line = TrimTrailingSpaces(line);

        var negated = line.StartsWith("!"u8);
        if (negated) line = line[1..];
        var foldersOnly = line.EndsWith("/"u8);
        if (foldersOnly) line = line[..^1];
        if (line.IsEmpty) return null;

        var anchored = line.Contains((byte)'/');
        if (line[0] == '/') line = line[1..];

        var literalLength = line.IndexOfAny("*?[\\"u8);
        if (literalLength < 0) return new IgnoreRule(line.ToArray(), [], anchored, foldersOnly, false, negated);
        if (!anchored && line[0] == '*' && line[1..].IndexOfAny("*?[\\"u8) < 0)
            return new IgnoreRule(line[1..].ToArray(), [], false, foldersOnly, true, negated);

        // As git does, the glob is compiled without its literal beginning; a "**" that then comes first counts as one
        // that follows a slash ("a/foo**/b" matches "a/foo/x/b").
        if (!anchored) literalLength = 0;
        var glob = GlobCompiler.Compile(line[literalLength..], pathname: anchored);
        return glob is null
            ? null
            : new IgnoreRule(line[..literalLength].ToArray(), glob, anchored, foldersOnly, false, negated);
    }

    /// <summary>Tells whether the rule speaks about an entry.</summary>
    /// <param name="path">The entry's path relative to the ignore file's folder.</param>
    /// <param name="name">The entry's name: the last part of the path.</param>
    /// <param name="isFolder">Whether the entry is a folder.</param>
    public bool Matches(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, bool isFolder)
    {
        if (_foldersOnly && !isFolder) return false;
        var text = _anchored ? path : name;
        if (_suffix) return text.EndsWith(_literal);
        if (_glob.Length == 0) return text.SequenceEqual(_literal);
        return text.StartsWith(_literal) && GlobMatcher.IsMatch(_glob, text[_literal.Length..]);
    }

    private static ReadOnlySpan<byte> TrimTrailingSpaces(ReadOnlySpan<byte> line)
    {
        var end = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
            {
                if (++i == line.Length) return line;
                end = i + 1;
            }
            else if (line[i] != ' ')
            {
                end = i + 1;
            }
        }

        return line[..end];
    }
}
