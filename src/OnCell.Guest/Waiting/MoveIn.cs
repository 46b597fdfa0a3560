using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Waiting;

/// <summary>
/// Moves the waiting process into the cell that the host mounted at <c>/cell</c>: its root becomes the root, the waiting
/// sandbox's own is let go of, and so are the rights that this takes.
/// </summary>
/// <remarks>
/// Nothing of the cell runs before the last step, so what its files hold may at worst make one of these steps fail, and then the
/// process ends. The old root lies at <c>/proc</c> meanwhile, which every root has and where proc is mounted over it last. See
/// <see href="https://man7.org/linux/man-pages/man2/pivot_root.2.html">pivot_root(2)</see>.
/// </remarks>
internal static unsafe class MoveIn
{
    private const string Cell = "/cell";
    private const string OldRoot = "/proc";
    private const nuint Kernel = Linux.MountNoSuid | Linux.MountNoDevices | Linux.MountNoExecute;

    public static void Perform(MoveInMessage message)
    {
        EnterRoot();
        FileSystem.MakeFolders("/dev");
        Bind(OldRoot + "/dev", "/dev");
        for (var i = 0; i < message.Binds.Count; i++)
        {
            var (target, isFile) = message.Binds[i];
            MakeTarget(target, isFile);
            Bind($"{OldRoot}/binds/{i}", target);
        }

        FileSystem.MakeFolders("/sys");
        Mount("sysfs", "/sys", "sysfs", Kernel | Linux.MountReadOnly);
        FileSystem.MakeFolders("/dev/shm");
        Mount("shm", "/dev/shm", "tmpfs", Kernel, $"mode=1777,size={message.SharedMemoryBytes}");
        LeaveOldRoot();
        Mount("proc", "/proc", "proc", Kernel);
        LetGoOfStreams();
        Rights.KeepOnly((ulong)message.Capabilities);
        Become(message.Arguments, message.Environment);
    }

    private static void EnterRoot()
    {
        Bind(Cell, Cell); // only a mount can become the root
        Change(Cell);
        FileSystem.MakeFolders(Cell + OldRoot);
        using var here = new CString(".");
        using var old = new CString(OldRoot[1..]);
        if (Libc.syscall(Linux.PivotRootNumber, here, old) != 0)
            throw ErrnoException.Last("pivot_root");
        Change("/");
    }

    private static void LeaveOldRoot()
    {
        using var old = new CString(OldRoot);
        if (Libc.umount2(old, Linux.UnmountDetach) != 0)
            throw ErrnoException.Last("leaving the waiting root");
    }

    private static void MakeTarget(string target, bool isFile)
    {
        if (!isFile)
        {
            FileSystem.MakeFolders(target);
            return;
        }

        FileSystem.MakeFolders(Path.GetDirectoryName(target)!);
        FileSystem.Open(target, Linux.OpenRead | Linux.OpenCreate, 0x124).Dispose();
    }

    private static void Change(string folder)
    {
        using var path = new CString(folder);
        if (Libc.chdir(path) != 0)
            throw ErrnoException.Last(folder);
    }

    private static void Bind(string source, string target) => Mount(source, target, null, Linux.MountBind | Linux.MountRecursive);

    private static void Mount(string source, string target, string? type, nuint flags, string? options = null)
    {
        using var from = new CString(source);
        using var to = new CString(target);
        using var kind = new CString(type ?? "");
        using var data = new CString(options ?? "");
        if (Libc.mount(from, to, type is null ? null : (byte*)kind, flags, options is null ? null : (byte*)data) != 0)
            throw ErrnoException.Last($"mounting {source} at {target}");
    }

    /// <summary>The pipe that the message came by, and the host's file for last words, are not the cell's to have.</summary>
    private static void LetGoOfStreams()
    {
        using var nothing = FileSystem.Open("/dev/null", Linux.OpenReadWrite);
        for (var stream = 0; stream <= 2; stream++)
        {
            if (Libc.dup2(nothing.Number, stream) < 0)
                throw ErrnoException.Last("letting go of the streams");
        }
    }

    private static void Become(IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var program = new CString(arguments[0]);
        using var argumentList = new CStringList(arguments);
        using var environmentList = new CStringList(environment);
        _ = Libc.execve(program, argumentList, environmentList);
        throw ErrnoException.Last(arguments[0]);
    }
}
