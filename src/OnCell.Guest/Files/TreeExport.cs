using System.Text;
using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;

namespace OnCell.Guest.Files;

/// <summary>Sends a folder with all in it. Every entry is opened relative to its folder and never through a link.</summary>
/// <remarks>Sockets, FIFOs and devices are left out, and so is what disappears meanwhile. A file that shrinks is filled up with zeros.</remarks>
internal sealed unsafe class TreeExport(Call call, long maxBytes, int maxEntries)
{
    private const int MaxDepth = 200;
    private const int MaxTarget = 4096;
    private const int PieceBytes = 128 * 1024;

    private readonly WireWriter _writer = new(PieceBytes);
    private long _bytes;
    private int _entries;

    public void Send(string path)
    {
        using (var root = FileSystem.Open(path, Linux.OpenRead | Linux.OpenDirectory))
        {
            if (!SendFolder(root, "", 1) || !Flush())
                return;
        }
        call.Complete([]);
    }

    // False once the call is cancelled.
    private bool SendFolder(Fd folder, string prefix, int depth)
    {
        if (depth > MaxDepth)
            throw new InvalidRequestException($"folders are nested more than {MaxDepth} deep at {prefix}");
        foreach (var name in FileTree.Names(folder).Order(StringComparer.Ordinal))
        {
            using var entry = new CString(name);
            Statx found;
            if (Libc.statx(folder.Number, entry, Linux.AtSymlinkNoFollow, Linux.StatxBasic, &found) == 0
                && !SendEntry(folder, entry, prefix + name, found, depth))
                return false;
        }
        return true;
    }

    private bool SendEntry(Fd folder, byte* name, string path, Statx found, int depth)
    {
        switch (found.Mode & Linux.ModeFormat)
        {
            case Linux.ModeFolder:
                using (var below = FileSystem.OpenFolder(folder.Number, name).Folder)
                    return below is null || (Add(path, TreeKind.Folder, "", 0, found) && SendFolder(below, path + "/", depth + 1));
            case Linux.ModeLink:
                return ReadLink(folder, name) is not { } target || Add(path, TreeKind.Link, target, 0, found);
            case Linux.ModeFile:
                using (var file = TryOpen(folder, name))
                    return file is null || SendFile(file, path);
            default:
                return true;
        }
    }

    private bool SendFile(Fd file, string path)
    {
        if (FileSystem.StatOf(file) is not { } found || (found.Mode & Linux.ModeFormat) != Linux.ModeFile)
            return true; // replaced since it was looked at
        var left = (long)found.Size;
        if ((_bytes += left) > maxBytes)
            throw new InvalidRequestException($"there is more than {maxBytes} bytes to carry", ErrorCode.TooLarge);
        if (!Add(path, TreeKind.File, "", left, found))
            return false;
        if (left == 0)
            return true;
        if (!Flush())
            return false;
        var buffer = Buffers.Rent();
        try
        {
            for (var ended = false; left > 0;)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(PieceBytes, left));
                var count = ended ? 0 : file.Read(piece);
                ended = count == 0;
                if (ended)
                    piece.Clear();
                else
                    piece = piece[..count];
                if (!call.SendData(OutputStream.Stdout, piece))
                    return false;
                left -= piece.Length;
            }
            return true;
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private bool Add(string path, TreeKind kind, string target, long length, Statx found)
    {
        if (++_entries > maxEntries)
            throw new InvalidRequestException($"there are more than {maxEntries} entries to carry", ErrorCode.TooLarge);
        new TreeEntry(path, kind, target, length, found.Modified.Seconds, found.Mode & 0x1FF).Write(_writer);
        return _writer.Length < PieceBytes / 2 || Flush();
    }

    private bool Flush()
    {
        var going = _writer.Length == 0 || call.SendData(OutputStream.Stdout, _writer.Written);
        _writer.Clear();
        return going;
    }

    private static Fd? TryOpen(Fd folder, byte* name)
    {
        var number = Libc.openat(
            folder.Number, name, Linux.OpenRead | Linux.OpenNoFollow | Linux.OpenNonBlocking | Linux.OpenCloseOnExec, 0);
        return number >= 0 ? new Fd(number) : null; // gone, or another thing by now
    }

    private static string? ReadLink(Fd folder, byte* name)
    {
        var target = stackalloc byte[MaxTarget];
        var length = (int)Libc.readlinkat(folder.Number, name, target, MaxTarget);
        return length >= 0 ? Encoding.UTF8.GetString(target, length) : null;
    }
}
