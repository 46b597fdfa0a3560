namespace OnCell.Indexing.Languages;

/// <summary>How definitions are recognised in a language.</summary>
internal enum DefinitionStyle : byte
{
    /// <summary>Not at all: data and plain text.</summary>
    None,

    /// <summary>By a keyword before the name: <c>def</c>, <c>fn</c>, <c>class</c>.</summary>
    Keyword,

    /// <summary>By a keyword, or as <c>type name(…) {</c>.</summary>
    KeywordOrBraces,

    /// <summary>By headings.</summary>
    Headings,
}

/// <summary>A language, as far as search cares.</summary>
internal sealed record Language(string Name, DefinitionStyle Style);
