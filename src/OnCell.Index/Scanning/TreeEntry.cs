namespace OnCell.Indexing.Scanning;

internal enum EntryKind : byte
{
    Unknown,
    File,
    Folder,
    SymbolicLink,
    Special,
}

/// <summary>One name in a folder.</summary>
internal readonly record struct TreeEntry(byte[] Name, EntryKind Kind);

/// <summary>What change detection needs to know of a file.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="ModifiedNs">When it says it was last written, in nanoseconds since 1970.</param>
/// <param name="ChangedNs">
/// When its inode last changed, in nanoseconds since 1970: unlike the time of writing, nobody can set it back.
/// </param>
internal readonly record struct FileStamp(long Size, long ModifiedNs, long ChangedNs);
