namespace OnCell.Indexing;

/// <summary>An index operation failed; the message says what is wrong, where, and what to do.</summary>
/// <param name="error">What kind of failure this is, for code that has to react to it.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class CodeIndexException(CodeIndexError error, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets what kind of failure this is.</summary>
    public CodeIndexError Error { get; } = error;
}

/// <summary>The kinds of failure of a <see cref="CodeIndex"/>.</summary>
public enum CodeIndexError
{
    /// <summary>The folder to index is missing, is no folder, or cannot be read.</summary>
    RootUnreadable,

    /// <summary>
    /// Not one file could be indexed: nothing matched the globs, or everything was ignored or skipped. What the index
    /// held before is kept.
    /// </summary>
    NothingToIndex,

    /// <summary>A glob cannot be parsed.</summary>
    InvalidGlob,

    /// <summary>A query is empty, too long, or has an invalid filter or regular expression.</summary>
    InvalidQuery,

    /// <summary>The database file is not an index, is corrupt, or cannot be opened.</summary>
    DatabaseUnusable,

    /// <summary>A model's weights are missing or have the wrong hash.</summary>
    ModelUnusable,

    /// <summary>The native of sqlite-vec is missing, was changed, or is not carried for this platform.</summary>
    NativeUnusable,
}
