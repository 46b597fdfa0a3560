namespace OnCell.Indexing.Scanning;

/// <summary>A folder tree that may be hostile: nothing here follows a link, blocks, or leaves the root.</summary>
/// <remarks>Paths are UTF-8, relative to the root, without a leading slash; the root itself is empty.</remarks>
internal interface IWorkTree : IDisposable
{
    /// <summary>Opens a folder; <see langword="null"/> where it is none any more or cannot be read.</summary>
    IWorkFolder? OpenFolder(ReadOnlySpan<byte> path);

    /// <summary>Reads a regular file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="buffer">Receives the bytes; grown as needed.</param>
    /// <param name="maxBytes">Files that are longer, or grow longer while being read, are refused.</param>
    /// <param name="length">How many bytes of the buffer are the file.</param>
    /// <param name="stamp">The file's stamp when it was opened.</param>
    /// <returns><see langword="null"/> when read, else one of <see cref="SkipReason"/>.</returns>
    string? ReadFile(ReadOnlySpan<byte> path, ref byte[] buffer, int maxBytes, out int length, out FileStamp stamp);
}

/// <summary>An open folder.</summary>
internal interface IWorkFolder : IDisposable
{
    /// <summary>Lists up to <paramref name="max"/> entries.</summary>
    /// <returns>Whether the folder had no more.</returns>
    bool List(List<TreeEntry> entries, int max, CancellationToken ct);

    /// <summary>Reads an entry's kind and stamp without opening it.</summary>
    EntryKind Stat(ReadOnlySpan<byte> name, out FileStamp stamp);
}
