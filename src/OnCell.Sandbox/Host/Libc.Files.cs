using System.Runtime.InteropServices;

namespace OnCell.Sandboxes.Host;

/// <summary>The calls that open and make files below a folder, safe against what is in it.</summary>
internal static partial class Libc
{
    internal const int WriteOnly = 1;
    internal const int Create = 0x40;
    internal const int Exclusive = 0x80;
    internal const int PathOnly = 0x200000;

    internal const int CurrentFolder = -100;
    internal const int NoFollowAt = 0x100;
    internal const int RemoveFolderAt = 0x200;
    internal const int EmptyPathAt = 0x1000;
    internal const uint FifoMode = 0x1000 | 0b110_000_000;

    internal const ulong ResolveNoMountCrossing = 1;
    internal const ulong ResolveNoMagicLinks = 2;
    internal const ulong ResolveInRoot = 16;

    internal const int LockShared = 1;
    internal const int LockAlone = 2;
    internal const int LockWithoutWaiting = 4;

    internal const int NotFolder = 20;
    internal const int IsFolder = 21;
    internal const int NoSpace = 28;
    internal const int TooManyLinks = 40;

    private const nint OpenBelowNumber = 437;

    // The two flags whose numbers differ between the processors.
    internal static readonly int Folder = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    internal static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenAt(int folder, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeFolder(int folder, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeSymbolicLink(string target, int folder, string name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeHardLink(int fromFolder, string from, int folder, string name, int flags);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeNode(int folder, string name, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int UnlinkAt(int folder, string name, int flags);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeOwner(int folder, string name, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeMode(int folder, string name, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeTimes(int folder, string name, TimeSpec[] times, int flags);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int SyncFileSystem(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Call(nint number, nint folder, string path, ref OpenHow how, nint size);

    /// <summary>Opens a path as if a folder were the root; see openat2(2).</summary>
    internal static int OpenBelow(int folder, string path, ref OpenHow how) =>
        (int)Call(OpenBelowNumber, folder, path, ref how, Marshal.SizeOf<OpenHow>());

    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct TimeSpec(long seconds)
    {
        private readonly long _seconds = seconds;
        private readonly long _nanoseconds;
    }
}
