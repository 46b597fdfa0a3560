using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Files;

/// <summary>Makes the entries of a carried tree in a folder. None is made through a link, be it of the tree or there before.</summary>
internal sealed unsafe class TreeImport(Call call) : IDisposable
{
    private const uint FolderMode = 0x1ED;

    private ReceivedData? _piece;
    private int _taken;

    public void Receive(string path)
    {
        FileSystem.MakeFolders(path);
        using (var root = FileSystem.Open(path, Linux.OpenRead | Linux.OpenDirectory))
        {
            while (ReadEntry() is { } entry)
                Make(root, entry);
        }
        Libc.sync();
        call.Complete([]);
    }

    public void Dispose() => _piece?.Dispose();

    private TreeEntry? ReadEntry()
    {
        var length = new byte[4];
        if (Take(length) is var count && count < length.Length)
            return count == 0 ? null : throw new ProtocolException("a tree ends in the middle of an entry");
        var size = new WireReader(length).Int32();
        if (size is < 0 or > TreeEntry.MaxBytes)
            throw new ProtocolException($"a tree's entry has {size} bytes");
        var encoded = new byte[size];
        if (Take(encoded) < size)
            throw new ProtocolException("a tree ends in the middle of an entry");
        var reader = new WireReader(encoded);
        var entry = TreeEntry.ReadFrom(ref reader);
        reader.End();
        return entry;
    }

    private void Make(Fd root, TreeEntry entry)
    {
        var names = TreeEntry.Names(entry.Path)!;
        using var parent = OpenParent(root, names, entry.Path);
        using var name = new CString(names[^1]);
        switch (entry.Kind)
        {
            case TreeKind.Folder:
                using (var folder = MakeFolder(parent.Number, name, entry.Path))
                    Check(Libc.fchmod(folder.Number, (uint)entry.Mode), entry.Path);
                return; // its time would change with what comes into it
            case TreeKind.File:
                Remove(parent, name, entry.Path);
                WriteFile(parent, name, entry);
                break;
            case TreeKind.Link:
                Remove(parent, name, entry.Path);
                using (var target = new CString(entry.Target))
                    Check(Libc.symlinkat(target, parent.Number, name), entry.Path);
                break;
            case TreeKind.HardLink:
                var existing = TreeEntry.Names(entry.Target)!;
                using (var from = OpenParent(root, existing, entry.Target))
                using (var origin = new CString(existing[^1]))
                {
                    Remove(parent, name, entry.Path);
                    Check(Libc.linkat(from.Number, origin, parent.Number, name, 0), entry.Path);
                }
                return; // it shares the time of the other
        }
        var times = stackalloc long[] { entry.ModifiedUnixSeconds, 0, entry.ModifiedUnixSeconds, 0 };
        Check(Libc.utimensat(parent.Number, name, times, Linux.AtSymlinkNoFollow), entry.Path);
    }

    private void WriteFile(Fd parent, byte* name, TreeEntry entry)
    {
        var number = Libc.openat(
            parent.Number, name,
            Linux.OpenWrite | Linux.OpenCreate | Linux.OpenExclusive | Linux.OpenNoFollow | Linux.OpenCloseOnExec, 0x180);
        using var file = number >= 0 ? new Fd(number) : throw ErrnoException.Last(entry.Path);
        for (var left = entry.Length; left > 0;)
        {
            var piece = NextPiece() ?? throw new ProtocolException("a tree ends in the middle of a file");
            var some = piece.Span[_taken..];
            some = some[..(int)Math.Min(some.Length, left)];
            file.Write(some);
            _taken += some.Length;
            left -= some.Length;
        }
        Check(Libc.fchmod(file.Number, (uint)entry.Mode), entry.Path);
    }

    // Folder by folder, as a path would be followed through links.
    private static Fd OpenParent(Fd root, string[] names, string path)
    {
        var folder = root.Duplicate();
        foreach (var above in names.AsSpan(0, names.Length - 1))
        {
            using var name = new CString(above);
            using var left = folder;
            folder = MakeFolder(left.Number, name, path);
        }
        return folder;
    }

    private static Fd MakeFolder(int parent, byte* name, string path)
    {
        while (true)
        {
            var (folder, error) = FileSystem.OpenFolder(parent, name);
            if (folder is not null)
                return folder;
            if (error == Errno.ENOTDIR)
                throw new InvalidRequestException($"{path}: a folder of it is a link or a file", ErrorCode.Invalid);
            if (error != Errno.ENOENT)
                throw new ErrnoException(error, path);
            if (Libc.mkdirat(parent, name, FolderMode) != 0 && ErrnoException.Last(path) is { Error: not Errno.EEXIST } refused)
                throw refused;
        }
    }

    // A file or link gives way; a folder stays, and what is to take its place is refused.
    private static void Remove(Fd parent, byte* name, string path)
    {
        if (Libc.unlinkat(parent.Number, name, 0) != 0 && ErrnoException.Last(path) is { Error: not Errno.ENOENT } error)
            throw error;
    }

    private static void Check(int result, string path)
    {
        if (result != 0)
            throw ErrnoException.Last(path);
    }

    private int Take(Span<byte> target)
    {
        var filled = 0;
        while (filled < target.Length && NextPiece() is { } piece)
        {
            var some = piece.Span[_taken..];
            some = some[..Math.Min(some.Length, target.Length - filled)];
            some.CopyTo(target[filled..]);
            _taken += some.Length;
            filled += some.Length;
        }
        return filled;
    }

    private ReceivedData? NextPiece()
    {
        while (_piece is null || _taken == _piece.Length)
        {
            _piece?.Dispose();
            _taken = 0;
            _piece = call.ReadData();
            if (_piece is null)
                return null;
        }
        return _piece;
    }
}
