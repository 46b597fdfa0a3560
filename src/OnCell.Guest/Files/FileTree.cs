using OnCell.Guest.Native;

namespace OnCell.Guest.Files;

/// <summary>Folders and what is in them, never followed through a symbolic link.</summary>
internal static unsafe class FileTree
{
    /// <summary>Reads the names in a folder, but <c>.</c> and <c>..</c>.</summary>
    public static List<string> Names(string path)
    {
        using var folder = FileSystem.Open(path, Linux.OpenRead | Linux.OpenDirectory);
        return Names(folder);
    }

    /// <summary>Removes a file, or a folder with all in it; nothing there is fine.</summary>
    public static void Remove(string path)
    {
        using var name = new CString(path);
        RemoveAt(Linux.AtCwd, name, path);
    }

    public static List<string> Names(Fd folder)
    {
        // readdir takes the descriptor over, so it gets one of its own.
        var stream = Libc.fdopendir(folder.Duplicate().Number);
        if (stream == 0)
            throw ErrnoException.Last("opendir");
        try
        {
            var names = new List<string>();
            while (Libc.readdir(stream) is var entry && entry is not null)
            {
                var name = FileSystem.NameOf(entry);
                if (name is not ("." or ".."))
                    names.Add(name);
            }
            return names;
        }
        finally
        {
            _ = Libc.closedir(stream);
        }
    }

    /// <summary>Works relative to open folders, so a path swapped for a link in the meantime leads nowhere else.</summary>
    private static void RemoveAt(int parent, byte* name, string path)
    {
        if (Libc.unlinkat(parent, name, 0) == 0)
            return;
        var error = ErrnoException.Last(path);
        if (error.Error == Errno.ENOENT)
            return;
        if (error.Error != Errno.EISDIR)
            throw error;
        var (opened, reason) = FileSystem.OpenFolder(parent, name);
        if (opened is null)
            throw new ErrnoException(reason, path);
        using (opened)
        {
            foreach (var child in Names(opened))
            {
                using var childName = new CString(child);
                RemoveAt(opened.Number, childName, $"{path}/{child}");
            }
        }
        if (Libc.unlinkat(parent, name, Linux.AtRemoveDir) != 0)
        {
            error = ErrnoException.Last(path);
            if (error.Error != Errno.ENOENT)
                throw error;
        }
    }
}
