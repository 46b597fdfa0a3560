using System.Text;
using OnCell.Guest.Files;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Watching;

/// <summary>A folder and those below it, watched by inotify, which has a watch for each.</summary>
internal sealed unsafe class FolderWatch : IDisposable
{
    private const int MaxFolders = 8192;
    private const int EventHeaderBytes = 16;
    private const uint Interest = Linux.WatchCreate | Linux.WatchModify | Linux.WatchAttributes | Linux.WatchMovedFrom
        | Linux.WatchMovedTo | Linux.WatchDelete | Linux.WatchOnlyFolder | Linux.WatchDontFollow;

    private readonly Fd _inotify;
    private readonly Dictionary<int, string> _folders = [];
    private readonly byte[] _buffer = new byte[64 * 1024];

    public FolderWatch(string root)
    {
        var number = Libc.inotify_init1(Linux.OpenCloseOnExec | Linux.OpenNonBlocking);
        _inotify = number >= 0 ? new Fd(number) : throw ErrnoException.Last("inotify");
        try
        {
            Add(root, found: null);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Number => _inotify.Number;

    public void Dispose() => _inotify.Dispose();

    /// <summary>Takes the changes that are there.</summary>
    public List<FileChange> Read()
    {
        var changes = new List<FileChange>();
        var count = _inotify.TryRead(_buffer);
        for (var at = 0; at + EventHeaderBytes <= count;)
        {
            var watch = BitConverter.ToInt32(_buffer, at);
            var mask = BitConverter.ToUInt32(_buffer, at + 4);
            var nameBytes = BitConverter.ToInt32(_buffer, at + 12);
            var name = Encoding.UTF8.GetString(_buffer.AsSpan(at + EventHeaderBytes, nameBytes).TrimEnd((byte)0));
            Take(watch, mask, name, changes);
            at += EventHeaderBytes + nameBytes;
        }
        return changes;
    }

    private void Take(int watch, uint mask, string name, List<FileChange> changes)
    {
        if ((mask & Linux.WatchOverflow) != 0)
        {
            changes.Add(new FileChange(ChangeKind.Overflow, ""));
            return;
        }
        if ((mask & Linux.WatchIgnored) != 0)
        {
            _folders.Remove(watch);
            return;
        }
        if (name.Length == 0 || !_folders.TryGetValue(watch, out var folder))
            return;
        var path = Path.Combine(folder, name);
        if ((mask & (Linux.WatchDelete | Linux.WatchMovedFrom)) != 0)
        {
            changes.Add(new FileChange(ChangeKind.Removed, path));
        }
        else if ((mask & (Linux.WatchCreate | Linux.WatchMovedTo)) != 0)
        {
            changes.Add(new FileChange(ChangeKind.Created, path));
            if ((mask & Linux.WatchIsFolder) != 0)
                Add(path, changes);
        }
        else
        {
            changes.Add(new FileChange(ChangeKind.Changed, path));
        }
    }

    /// <summary>Watches a folder and those in it. What a new one holds already was made before it was watched, so it is told.</summary>
    private void Add(string path, List<FileChange>? found)
    {
        using var name = new CString(path);
        var watch = Libc.inotify_add_watch(_inotify.Number, name, Interest);
        if (watch < 0)
        {
            if (found is not null)
                return; // Gone again.
            throw ErrnoException.Last(path);
        }
        _folders[watch] = path;
        if (_folders.Count > MaxFolders)
            throw new InvalidRequestException($"more than {MaxFolders} folders to watch: choose a smaller one", ErrorCode.TooLarge);
        foreach (var child in FileTree.Names(path))
        {
            var childPath = Path.Combine(path, child);
            found?.Add(new FileChange(ChangeKind.Created, childPath));
            if (FileSystem.Stat(childPath) is { } stat && (stat.Mode & Linux.ModeFormat) == Linux.ModeFolder)
                Add(childPath, found);
        }
    }
}
