namespace OnCell.Indexing;

/// <summary>The keys of <see cref="IndexReport.Skipped"/>: why an entry of the tree was passed over.</summary>
public static class SkipReason
{
    /// <summary>An ignore file excludes it. A folder counts once, whatever it holds.</summary>
    public const string Ignored = "ignored";

    /// <summary>A symbolic link; links are never followed.</summary>
    public const string SymbolicLink = "symbolic-link";

    /// <summary>Neither file nor folder: a FIFO, socket or device.</summary>
    public const string SpecialFile = "special-file";

    /// <summary>Larger than <see cref="CodeIndexOptions.MaxFileBytes"/>.</summary>
    public const string TooLarge = "too-large";

    /// <summary>Not text.</summary>
    public const string Binary = "binary";

    /// <summary>Machine-made text whose lines are too long to be worth searching: minified or generated.</summary>
    public const string Minified = "minified";

    /// <summary>Could not be opened or read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Changed its kind or vanished between being listed and being opened.</summary>
    public const string Vanished = "vanished";

    /// <summary>Its name is not valid UTF-8, or its path is longer than 4,096 bytes.</summary>
    public const string InvalidName = "invalid-name";

    /// <summary>Deeper than <see cref="CodeIndexOptions.MaxDepth"/>.</summary>
    public const string TooDeep = "too-deep";

    /// <summary>A folder with more than <see cref="CodeIndexOptions.MaxFolderEntries"/> entries was cut short.</summary>
    public const string FolderTooLarge = "folder-too-large";

    /// <summary>
    /// The tree has more entries, files, text or longer paths in all than <see cref="CodeIndexOptions"/> allows, or walking it
    /// took too long. Counted once for what was not walked, and once for each file over the limits.
    /// </summary>
    public const string TreeTooLarge = "tree-too-large";
}
