namespace OnCell.Indexing.Ignoring;

/// <summary>The rules of one ignore file, which hold below its folder.</summary>
internal sealed class IgnoreFile
{
    /// <summary>Rules beyond this are not read: a file of a million rules would be matched against every entry.</summary>
    public const int MaxRules = 4_000;

    /// <summary>Ignore files larger than this are cut, in bytes.</summary>
    public const int MaxBytes = 512 * 1024;

    private readonly IgnoreRule[] _rules;
    private readonly int _baseLength;

    private IgnoreFile(IgnoreRule[] rules, int baseLength)
    {
        _rules = rules;
        _baseLength = baseLength;
    }

    public int Count => _rules.Length;

    /// <summary>Reads an ignore file.</summary>
    /// <param name="text">Its bytes.</param>
    /// <param name="folder">Its folder's path relative to the root, UTF-8, empty for the root.</param>
    public static IgnoreFile? Parse(ReadOnlySpan<byte> text, ReadOnlySpan<byte> folder)
    {
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        var rules = new List<IgnoreRule>();
        while (!text.IsEmpty && rules.Count < MaxRules)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (line.EndsWith("\r"u8)) line = line[..^1];
            var zero = line.IndexOf((byte)0);
            if (zero >= 0) line = line[..zero];
            if (IgnoreRule.Parse(line) is { } rule) rules.Add(rule);
        }

        return rules.Count == 0 ? null : new IgnoreFile([.. rules], folder.IsEmpty ? 0 : folder.Length + 1);
    }

    /// <summary>Asks the last rule that speaks about an entry.</summary>
    /// <returns>Whether it is ignored, or <see langword="null"/> where no rule speaks about it.</returns>
    public bool? IsIgnored(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, bool isFolder)
    {
        var relative = path[_baseLength..];
        for (var i = _rules.Length - 1; i >= 0; i--)
        {
            if (_rules[i].Matches(relative, name, isFolder)) return !_rules[i].Negated;
        }

        return null;
    }
}
