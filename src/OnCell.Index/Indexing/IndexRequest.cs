namespace OnCell.Indexing;

/// <summary>What one run of <see cref="CodeIndex.IndexAsync"/> indexes.</summary>
public sealed record IndexRequest
{
    /// <summary>Gets the globs that choose files, for example <c>**/*.{ts,py,go,md}</c>.</summary>
    /// <value>
    /// The default is empty: every text file. Globs are relative to the root, know <c>*</c>, <c>**</c>, <c>?</c>,
    /// <c>[a-z]</c> and <c>{a,b}</c>; one that begins with <c>!</c> takes files away again. Ignored files stay ignored.
    /// Files that an earlier run indexed and that no longer match are removed from the index.
    /// </value>
    public IReadOnlyList<string> Globs { get; init; } = [];
}
