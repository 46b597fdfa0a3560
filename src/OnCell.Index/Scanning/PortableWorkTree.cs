using System.Text;

namespace OnCell.Indexing.Scanning;

/// <summary>Reads a tree where Linux's calls are not at hand.</summary>
/// <remarks>
/// Links are seen and left alone, but the check and the open are two steps: use it for folders that nobody hostile writes
/// to at the same time.
/// </remarks>
internal sealed class PortableWorkTree : IWorkTree
{
    private readonly string _root;

    public PortableWorkTree(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new CodeIndexException(
                CodeIndexError.RootUnreadable,
                $"Cannot open the folder '{root}'. Give the path of an existing folder that this process may read.");
        }

        _root = Path.GetFullPath(root);
    }

    public IWorkFolder? OpenFolder(ReadOnlySpan<byte> path)
    {
        var info = new DirectoryInfo(Resolve(path));
        return info.Exists && info.LinkTarget is null ? new Folder(info) : null;
    }

    public string? ReadFile(
        ReadOnlySpan<byte> path, ref byte[] buffer, int maxBytes, out int length, out FileStamp stamp)
    {
        length = 0;
        stamp = default;
        var info = new FileInfo(Resolve(path));
        if (!info.Exists || KindOf(info) != EntryKind.File) return SkipReason.Vanished;
        if (info.Length > maxBytes) return SkipReason.TooLarge;
        stamp = StampOf(info);
        try
        {
            using var file = File.OpenHandle(
                info.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (buffer.Length <= maxBytes) buffer = new byte[maxBytes + 1];
            for (int read; (read = RandomAccess.Read(file, buffer.AsSpan(length), length)) > 0;) length += read;
            return length > maxBytes ? SkipReason.TooLarge : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return SkipReason.Unreadable;
        }
    }

    public void Dispose()
    {
    }

    private static EntryKind KindOf(FileSystemInfo info)
        => (info.Attributes & FileAttributes.ReparsePoint) != 0 ? EntryKind.SymbolicLink
        : (info.Attributes & FileAttributes.Directory) != 0 ? EntryKind.Folder
        : (info.Attributes & FileAttributes.Device) != 0 ? EntryKind.Special
        : EntryKind.File;

    private static FileStamp StampOf(FileInfo info)
    {
        var written = (info.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return new FileStamp(info.Length, written, written);
    }

    private string Resolve(ReadOnlySpan<byte> path) => Path.Combine(_root, Encoding.UTF8.GetString(path));

    private sealed class Folder(DirectoryInfo info) : IWorkFolder
    {
        public bool List(List<TreeEntry> entries, int max, CancellationToken ct)
        {
            foreach (var entry in info.EnumerateFileSystemInfos())
            {
                ct.ThrowIfCancellationRequested();
                if (entries.Count == max) return false;
                entries.Add(new TreeEntry(Encoding.UTF8.GetBytes(entry.Name), KindOf(entry)));
            }

            return true;
        }

        public EntryKind Stat(ReadOnlySpan<byte> name, out FileStamp stamp)
        {
            var file = new FileInfo(Path.Combine(info.FullName, Encoding.UTF8.GetString(name)));
            stamp = default;
            if (!file.Exists) return EntryKind.Unknown;
            stamp = StampOf(file);
            return KindOf(file);
        }

        public void Dispose()
        {
        }
    }
}
