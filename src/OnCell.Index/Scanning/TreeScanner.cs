using System.Text;
using OnCell.Indexing.Ignoring;

namespace OnCell.Indexing.Scanning;

/// <summary>Walks a tree, top down, and lists the files to index.</summary>
internal sealed class TreeScanner(IWorkTree tree, GlobSet globs, CodeIndexOptions options)
{
    private const int MaxPathBytes = 4_096;

    /// <summary>All paths that are kept, in bytes: a million folders with the longest names would take gigabytes.</summary>
    private const long MaxAllPathBytes = 128 * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ScanResult _result = new();
    private readonly byte[][] _ignoreFileNames = [.. options.IgnoreFileNames.Select(Encoding.UTF8.GetBytes)];
    private byte[] _ignoreBuffer = new byte[4_096];
    private int _entriesSeen;
    private long _pathBytes;
    private long _textBytes;
    private long _started;

    private readonly record struct Folder(byte[] Path, IgnoreScope? Scope, int Depth);

    /// <summary>Walks the whole tree.</summary>
    /// <exception cref="CodeIndexException">The root cannot be listed.</exception>
    public ScanResult Scan(CancellationToken ct)
    {
        _started = options.TimeProvider.GetTimestamp();
        var excludes = ReadExcludesFile();
        var pending = new Stack<Folder>();
        pending.Push(new Folder([], excludes, 0));
        while (pending.TryPop(out var folder))
        {
            ct.ThrowIfCancellationRequested();
            if (_entriesSeen >= options.MaxEntries || IsOutOfTime())
            {
                _result.Skipped.Add(SkipReason.TreeTooLarge);
                break;
            }

            ScanFolder(folder, pending, ct);
        }

        // A stable order makes batches, and so indexes, reproducible.
        _result.Files.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return _result;
    }

    private void ScanFolder(in Folder folder, Stack<Folder> pending, CancellationToken ct)
    {
        using var open = tree.OpenFolder(folder.Path);
        if (open is null)
        {
            if (folder.Depth == 0)
            {
                throw new CodeIndexException(
                    CodeIndexError.RootUnreadable, "The root folder cannot be listed. Check its permissions.");
            }

            _result.Skipped.Add(SkipReason.Unreadable);
            return;
        }

        var entries = new List<TreeEntry>();
        if (!open.List(entries, options.MaxFolderEntries, ct)) _result.Skipped.Add(SkipReason.FolderTooLarge);
        _entriesSeen += entries.Count;

        var scope = EnterScope(folder, entries);
        foreach (var entry in entries)
        {
            ct.ThrowIfCancellationRequested();
            if (IsOutOfTime()) break; // Scan says so
            Visit(folder, open, entry, scope, pending);
        }
    }

    private bool IsOutOfTime() => options.TimeProvider.GetElapsedTime(_started) > options.MaxScanTime;

    /// <summary>Takes a path's share of what all paths may take.</summary>
    private bool Keep(byte[] path)
    {
        _pathBytes += path.Length;
        if (_pathBytes <= MaxAllPathBytes) return true;
        _result.Skipped.Add(SkipReason.TreeTooLarge);
        return false;
    }

    private void Visit(
        in Folder folder, IWorkFolder open, in TreeEntry entry, IgnoreScope? scope, Stack<Folder> pending)
    {
        if (entry.Name.AsSpan().SequenceEqual(".git"u8)) return;

        var kind = entry.Kind;
        FileStamp stamp = default;
        if (kind == EntryKind.Unknown) kind = open.Stat(entry.Name, out stamp);

        var path = Join(folder.Path, entry.Name);
        if (path.Length > MaxPathBytes || !TryDecode(path, out var text))
        {
            _result.Skipped.Add(SkipReason.InvalidName);
            return;
        }

        if (scope is not null && scope.IsIgnored(path, entry.Name, kind == EntryKind.Folder))
        {
            _result.Skipped.Add(SkipReason.Ignored);
            return;
        }

        switch (kind)
        {
            case EntryKind.Folder when folder.Depth + 1 >= options.MaxDepth:
                _result.Skipped.Add(SkipReason.TooDeep);
                break;
            case EntryKind.Folder when Keep(path):
                pending.Push(new Folder(path, scope, folder.Depth + 1));
                break;
            case EntryKind.SymbolicLink:
                _result.Skipped.Add(SkipReason.SymbolicLink);
                break;
            case EntryKind.Special:
                _result.Skipped.Add(SkipReason.SpecialFile);
                break;
            case EntryKind.File when globs.IsMatch(path, entry.Name) && Keep(path):
                AddFile(open, entry, text, stamp);
                break;
        }
    }

    private void AddFile(IWorkFolder open, in TreeEntry entry, string path, FileStamp stamp)
    {
        if (entry.Kind != EntryKind.Unknown && open.Stat(entry.Name, out stamp) != EntryKind.File)
            _result.Skipped.Add(SkipReason.Vanished);
        else if (stamp.Size > options.MaxFileBytes)
            _result.Skipped.Add(SkipReason.TooLarge);
        else if (_result.Files.Count >= options.MaxFiles || _textBytes + stamp.Size > options.MaxTotalBytes)
            _result.Skipped.Add(SkipReason.TreeTooLarge);
        else
            Add(new ScannedFile(path, stamp));
    }

    private void Add(ScannedFile file)
    {
        _textBytes += file.Stamp.Size;
        _result.Files.Add(file);
    }

    /// <summary>Adds the folder's own ignore files to what holds above it.</summary>
    private IgnoreScope? EnterScope(in Folder folder, List<TreeEntry> entries)
    {
        var files = new List<IgnoreFile>();
        IgnoreFile? excludes = null;
        byte[]? gitIgnore = null;
        foreach (var entry in entries)
        {
            if (entry.Kind is EntryKind.SymbolicLink or EntryKind.Special) continue;
            if (entry.Name.AsSpan().SequenceEqual(".gitignore"u8)) gitIgnore = entry.Name;
            else if (entry.Name.AsSpan().SequenceEqual(".git"u8)) excludes = Read(folder, ".git/info/exclude"u8);
            else if (IsProductIgnoreFile(entry.Name) && Read(folder, entry.Name) is { } product) files.Add(product);
        }

        if (gitIgnore is not null && Read(folder, gitIgnore) is { } rules) files.Add(rules);
        if (files.Count == 0 && excludes is null) return folder.Scope;
        var scope = new IgnoreScope(folder.Scope, [.. files], excludes);
        return scope.RuleCount <= IgnoreScope.MaxRules ? scope : folder.Scope;
    }

    private bool IsProductIgnoreFile(byte[] name)
    {
        foreach (var known in _ignoreFileNames)
        {
            if (name.AsSpan().SequenceEqual(known)) return true;
        }

        return false;
    }

    private IgnoreFile? Read(in Folder folder, ReadOnlySpan<byte> name)
    {
        var path = Join(folder.Path, name);
        var skipped = tree.ReadFile(path, ref _ignoreBuffer, IgnoreFile.MaxBytes, out var length, out _);
        return skipped is null ? IgnoreFile.Parse(_ignoreBuffer.AsSpan(0, length), folder.Path) : null;
    }

    private IgnoreScope? ReadExcludesFile()
    {
        if (options.ExcludesFile is null || !File.Exists(options.ExcludesFile)) return null;
        var file = IgnoreFile.Parse(File.ReadAllBytes(options.ExcludesFile), []);
        return file is null ? null : new IgnoreScope(null, [], file);
    }

    private static byte[] Join(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> name)
    {
        if (folder.IsEmpty) return name.ToArray();
        var path = new byte[folder.Length + 1 + name.Length];
        folder.CopyTo(path);
        path[folder.Length] = (byte)'/';
        name.CopyTo(path.AsSpan(folder.Length + 1));
        return path;
    }

    private static bool TryDecode(byte[] path, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(path);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
