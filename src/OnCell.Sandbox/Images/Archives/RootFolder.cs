using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>
/// A folder that is to become a root file system, written to as if it were the root already: whatever a path says, with
/// links and ".." in it, the kernel keeps it inside.
/// </summary>
/// <remarks>See <see href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2)</see>; needs Linux 5.6.</remarks>
internal sealed class RootFolder : IDisposable
{
    private const int MaxDepth = 200;

    private readonly SafeFileHandle _root;

    internal RootFolder(string path)
    {
        Path = path;
        var descriptor = Libc.Open(path, Libc.Folder | Libc.PathOnly | Libc.CloseOnExec);
        _root = descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed("open", path);
    }

    internal string Path { get; }

    public void Dispose() => _root.Dispose();

    /// <summary>Tells whether a path leads to anything, links followed within the root.</summary>
    internal bool HasFile(string path)
    {
        var how = new Libc.OpenHow { Flags = (ulong)(Libc.PathOnly | Libc.CloseOnExec), Resolve = Libc.ResolveInRoot | Libc.ResolveNoMagicLinks };
        var descriptor = Libc.OpenBelow(Number(_root), path, ref how);
        return descriptor >= 0 && Libc.Close(descriptor) == 0;
    }

    /// <summary>Has the disk hold all that was written to the file system of the folder.</summary>
    internal void Sync()
    {
        var descriptor = Libc.Open(Path, Libc.Folder | Libc.CloseOnExec);
        using var folder = descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed("open", Path);
        if (Libc.SyncFileSystem(Number(folder)) != 0)
            throw Failed("write out", Path);
    }

    /// <summary>Splits a path of an archive into its names.</summary>
    /// <exception cref="ImageFormatException">It leads upwards, or is too long.</exception>
    internal static string[] Split(string path)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").ToArray();
        if (names.Contains(".."))
            throw new ImageFormatException($"The archive has the path \"{TarScanner.Shown(path)}\", which leads out of it.");
        if (names.Length > MaxDepth || names.Any(name => System.Text.Encoding.UTF8.GetByteCount(name) > 255))
            throw new ImageFormatException($"The archive has a path that is too long: \"{TarScanner.Shown(path)}\".");
        return names;
    }

    /// <summary>Opens the folder of a path's last name, made where it is missing.</summary>
    internal SafeFileHandle OpenParent(string[] names)
    {
        var folder = OpenFolder(names[..^1]);
        if (folder is not null)
            return folder;
        for (var depth = 1; depth < names.Length; depth++)
        {
            using var existing = OpenFolder(names[..depth]);
            if (existing is not null)
                continue;
            using var above = OpenFolder(names[..(depth - 1)]) ?? throw new ImageFormatException($"The archive takes away folders that it is about to fill: \"{TarScanner.Shown(string.Join('/', names))}\".");
            if (Libc.MakeFolder(Number(above), names[depth - 1], 0b111_101_101) != 0)
                throw new ImageFormatException($"The archive has \"{TarScanner.Shown(string.Join('/', names))}\", below something that is no folder.");
        }

        return OpenFolder(names[..^1]) ?? throw new ImageFormatException($"The archive has \"{TarScanner.Shown(string.Join('/', names))}\", below something that is no folder.");
    }

    /// <summary>Opens a folder; <see langword="null"/> where there is none.</summary>
    internal SafeFileHandle? OpenFolder(string[] names)
    {
        var how = new Libc.OpenHow
        {
            Flags = (ulong)(Libc.Folder | Libc.PathOnly | Libc.CloseOnExec),
            Resolve = Libc.ResolveInRoot | Libc.ResolveNoMagicLinks | Libc.ResolveNoMountCrossing,
        };
        var descriptor = Libc.OpenBelow(Number(_root), names.Length == 0 ? "." : string.Join('/', names), ref how);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        return error is Libc.NoSuchEntry or Libc.NotFolder or Libc.TooManyLinks
            ? null
            : throw Failed("open", string.Join('/', names));
    }

    /// <summary>Creates a file that is not there yet, for writing.</summary>
    internal static SafeFileHandle CreateFile(SafeFileHandle parent, string name)
    {
        var descriptor = Libc.OpenAt(
            Number(parent), name, Libc.WriteOnly | Libc.Create | Libc.Exclusive | Libc.NoFollow | Libc.CloseOnExec, 0b110_000_000);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed("create", name);
    }

    /// <summary>Makes a folder where there is none; anything else of that name gives way.</summary>
    internal static void MakeFolder(SafeFileHandle parent, string name)
    {
        if (Kind(parent, name) == EntryKind.Folder)
            return;
        Remove(parent, name);
        if (Libc.MakeFolder(Number(parent), name, 0b111_101_101) != 0)
            throw Failed("make", name);
    }

    internal static void MakeLink(SafeFileHandle parent, string name, string target)
    {
        Remove(parent, name);
        if (Libc.MakeSymbolicLink(target, Number(parent), name) != 0)
            throw Failed("link", name);
    }

    internal static void MakeFifo(SafeFileHandle parent, string name)
    {
        Remove(parent, name);
        if (Libc.MakeNode(Number(parent), name, Libc.FifoMode, 0) != 0)
            throw Failed("make", name);
    }

    /// <summary>Gives an existing file a second name. A link at the end is not followed.</summary>
    internal void MakeHardLink(SafeFileHandle parent, string name, string[] existing)
    {
        using var from = existing.Length == 0 ? null : OpenFolder(existing[..^1]);
        if (from is null || Kind(from, existing[^1]) is EntryKind.None or EntryKind.Folder)
            throw new ImageFormatException($"The archive has a hard link to \"{TarScanner.Shown(string.Join('/', existing))}\", which is no file of it.");
        Remove(parent, name);
        if (Libc.MakeHardLink(Number(from), existing[^1], Number(parent), name, 0) != 0)
            throw Failed("link", name);
    }

    /// <summary>Sets owner, permissions and time of an entry, not of what it points to.</summary>
    internal static void SetMetadata(SafeFileHandle parent, string name, TarItem item)
    {
        if (Libc.EffectiveUser() == 0 && Libc.ChangeOwner(Number(parent), name, item.User, item.Group, Libc.NoFollowAt) != 0)
            throw Failed("chown", name);
        if (item.Kind != TarKind.SymbolicLink && Libc.ChangeMode(Number(parent), name, (uint)item.Mode, 0) != 0)
            throw Failed("chmod", name);
        Libc.TimeSpec[] times = [new(item.Modified), new(item.Modified)];
        if (Libc.ChangeTimes(Number(parent), name, times, Libc.NoFollowAt) != 0)
            throw Failed("set the time of", name);
    }

    /// <summary>Removes what has that name, a folder with all that is in it. Links are not followed.</summary>
    internal static void Remove(SafeFileHandle parent, string name)
    {
        if (Libc.UnlinkAt(Number(parent), name, 0) == 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        if (error == Libc.NoSuchEntry)
            return;
        if (error != Libc.IsFolder)
            throw Failed("remove", name);
        using (var folder = OpenOwn(parent, name))
        {
            foreach (var below in Names(folder))
                Remove(folder, below);
        }

        if (Libc.UnlinkAt(Number(parent), name, Libc.RemoveFolderAt) != 0)
            throw Failed("remove", name);
    }

    /// <summary>Lists the names in a folder.</summary>
    internal static IReadOnlyList<string> Names(SafeFileHandle folder) =>
        [.. Directory.GetFileSystemEntries($"/proc/self/fd/{Number(folder)}").Select(path => System.IO.Path.GetFileName(path))];

    /// <summary>Tells what a name is; links are not followed.</summary>
    internal static EntryKind Kind(SafeFileHandle parent, string name)
    {
        var info = new FileInfo($"/proc/self/fd/{Number(parent)}/{name}");
        if (info.LinkTarget is not null)
            return EntryKind.Link;
        return Directory.Exists(info.FullName) ? EntryKind.Folder : info.Exists ? EntryKind.File : EntryKind.None;
    }

    /// <summary>Opens a folder directly below another, never through a link.</summary>
    internal static SafeFileHandle OpenOwn(SafeFileHandle parent, string name)
    {
        var descriptor = Libc.OpenAt(Number(parent), name, Libc.Folder | Libc.PathOnly | Libc.NoFollow | Libc.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed("open", name);
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static SandboxException Failed(string verb, string name)
    {
        var error = Marshal.GetLastPInvokeError();
        return error == Libc.NoSpace
            ? new SandboxException("The disk of the image folder is full: free some space, or choose another ImageStoreOptions.Folder.")
            : new SandboxException($"Could not {verb} \"{TarScanner.Shown(name)}\" of an image: {Libc.Describe(error)}.");
    }
}

/// <summary>What a name in a folder is.</summary>
internal enum EntryKind
{
    None,
    File,
    Folder,
    Link,
}
