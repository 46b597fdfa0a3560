using System.Runtime.InteropServices;
using System.Text;

namespace OnCell.Guest.Native;

/// <summary>File operations that keep errors as errors and never leave a half-written file under a final name.</summary>
internal static unsafe class FileSystem
{
    public static Fd Open(string path, int flags, uint mode = 0)
    {
        using var name = new CString(path);
        var number = Libc.openat(Linux.AtCwd, name, flags | Linux.OpenCloseOnExec, mode);
        return number >= 0 ? new Fd(number) : throw ErrnoException.Last(path);
    }

    public static Fd? TryOpen(string path, int flags)
    {
        try
        {
            return Open(path, flags);
        }
        catch (ErrnoException e) when (e.Error == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <summary>Opens a folder directly below another, never through a link.</summary>
    /// <remarks>
    /// Without O_DIRECTORY: gVisor follows a link where that is asked for together with O_NOFOLLOW, which Linux does not.
    /// </remarks>
    /// <returns>The folder, or an error: <see cref="Errno.ENOTDIR"/> for anything else, a link too.</returns>
    public static (Fd? Folder, int Error) OpenFolder(int parent, byte* name)
    {
        var number = Libc.openat(
            parent, name, Linux.OpenRead | Linux.OpenNoFollow | Linux.OpenNonBlocking | Linux.OpenCloseOnExec, 0);
        if (number < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return (null, error == Errno.ELOOP ? Errno.ENOTDIR : error);
        }
        var opened = new Fd(number);
        if (StatOf(opened) is { } found && (found.Mode & Linux.ModeFormat) == Linux.ModeFolder)
            return (opened, 0);
        opened.Dispose();
        return (null, Errno.ENOTDIR);
    }

    /// <summary>Describes what is open; <see langword="null"/> where that cannot be.</summary>
    public static Statx? StatOf(Fd file)
    {
        byte end = 0;
        Statx result;
        return Libc.statx(file.Number, &end, Linux.AtEmptyPath, Linux.StatxBasic, &result) == 0 ? result : null;
    }

    /// <summary>Describes an entry without following a link at its end; <see langword="null"/> where there is none.</summary>
    public static Statx? Stat(string path, bool follow = false)
    {
        using var name = new CString(path);
        Statx result;
        if (Libc.statx(Linux.AtCwd, name, follow ? 0 : Linux.AtSymlinkNoFollow, Linux.StatxBasic, &result) == 0)
            return result;
        var error = ErrnoException.Last(path);
        return error.Error is Errno.ENOENT or Errno.ENOTDIR ? null : throw error;
    }

    public static bool IsFolder(string path) =>
        Stat(path, follow: true) is { } found && (found.Mode & Linux.ModeFormat) == Linux.ModeFolder;

    public static bool IsExecutable(string path)
    {
        using var name = new CString(path);
        return Libc.access(name, 1) == 0
            && Stat(path, follow: true) is { } found && (found.Mode & Linux.ModeFormat) == Linux.ModeFile;
    }

    /// <summary>Makes a folder and those above it.</summary>
    public static void MakeFolders(string path, uint mode = 0x1ED)
    {
        using var name = new CString(path);
        if (Libc.mkdir(name, mode) == 0)
            return;
        var error = ErrnoException.Last(path);
        if (error.Error == Errno.EEXIST && IsFolder(path))
            return;
        var parent = Path.GetDirectoryName(path);
        if (error.Error != Errno.ENOENT || string.IsNullOrEmpty(parent))
            throw error;
        MakeFolders(parent, mode);
        if (Libc.mkdir(name, mode) != 0 && !IsFolder(path))
            throw ErrnoException.Last(path);
    }

    public static void Rename(string from, string to)
    {
        using var source = new CString(from);
        using var target = new CString(to);
        if (Libc.rename(source, target) != 0)
            throw ErrnoException.Last($"{from} -> {to}");
    }

    public static void RemoveFile(string path)
    {
        using var name = new CString(path);
        if (Libc.unlinkat(Linux.AtCwd, name, 0) != 0)
            throw ErrnoException.Last(path);
    }

    /// <summary>Removes a file; <see langword="false"/> where there was none.</summary>
    public static bool RemoveFileIfAny(string path)
    {
        using var name = new CString(path);
        if (Libc.unlinkat(Linux.AtCwd, name, 0) == 0)
            return true;
        var error = ErrnoException.Last(path);
        return error.Error == Errno.ENOENT ? false : throw error;
    }

    public static void RemoveFolder(string path)
    {
        using var name = new CString(path);
        if (Libc.unlinkat(Linux.AtCwd, name, Linux.AtRemoveDir) != 0 && Marshal.GetLastPInvokeError() != Errno.ENOENT)
            throw ErrnoException.Last(path);
    }

    public static void SyncFolder(string path)
    {
        using var folder = Open(path, Linux.OpenRead | Linux.OpenDirectory);
        folder.Sync();
    }

    /// <summary>Reads a file of the guest's own; <see langword="null"/> where there is none.</summary>
    public static byte[]? ReadSmall(string path, int maxBytes)
    {
        using var file = TryOpen(path, Linux.OpenRead);
        if (file is null)
            return null;
        var buffer = new byte[maxBytes + 1];
        var length = file.ReadAt(buffer, 0);
        if (length > maxBytes)
            throw new InvalidDataException($"{path} is larger than the {maxBytes} bytes it may have");
        return buffer[..length];
    }

    public static string NameOf(DirectoryEntry* entry)
    {
        var length = 0;
        while (length < 256 && entry->Name[length] != 0)
            length++;
        return Encoding.UTF8.GetString(entry->Name, length);
    }
}
