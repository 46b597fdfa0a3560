using System.Runtime.InteropServices;

namespace OnCell.Sandboxes.Host;

/// <summary>The system calls that .NET has no face for. Linux on x64 and arm64: the numbers used here are the same on both.</summary>
internal static partial class Libc
{
    internal const int ReadWrite = 2;
    internal const int CloseOnExec = 0x80000;

    internal const int SigTerm = 15;
    internal const int SigKill = 9;

    internal const int NoSuchEntry = 2;
    internal const int NoSuchProcess = 3;
    internal const int TryAgain = 11;
    internal const int DeviceBusy = 16;
    internal const int InvalidArgument = 22;

    internal const short PollIn = 1;

    private const nint OpenTreeNumber = 428;
    private const nint MoveMountNumber = 429;
    private const nint PidfdOpenNumber = 434;
    private const nint SetMountAttributesNumber = 442;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(int descriptor, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string source, string target, string type, nuint flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int CreateEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint ReadEvent(int descriptor, out ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint WriteEvent(int descriptor, ref ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "gettid")]
    internal static partial int ThreadId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Call(nint number, nint folder, string path, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Call(nint number, nint folder, string path, nint flags, in MountAttributes attributes, nint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Call(nint number, nint from, string fromPath, nint to, string toPath, nint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Stat(int folder, string path, int flags, uint mask, Span<byte> result);

    /// <summary>A descriptor that becomes readable when the process ends, even while nobody reaps it; -1 on error.</summary>
    internal static int OpenPidfd(int pid) => (int)Call(PidfdOpenNumber, pid, 0);

    /// <summary>Opens a copy of a mount that is attached nowhere; -1 on error. Linux 5.2.</summary>
    internal static int OpenTree(string path, int flags) => (int)Call(OpenTreeNumber, CurrentFolder, path, flags);

    /// <summary>Changes what may be done in an open mount. Linux 5.12.</summary>
    internal static int SetMountAttributes(int tree, int flags, in MountAttributes attributes) =>
        (int)Call(SetMountAttributesNumber, tree, "", EmptyPathAt | flags, in attributes, Marshal.SizeOf<MountAttributes>());

    /// <summary>Attaches an open mount. Linux 5.2.</summary>
    internal static int MoveMount(int tree, string target)
    {
        const int fromEmptyPath = 4;
        return (int)Call(MoveMountNumber, tree, "", CurrentFolder, target, fromEmptyPath);
    }

    /// <summary>Gets the numbers of a device; <see langword="null"/> where there is no such node.</summary>
    internal static (int Major, int Minor)? DeviceNumber(string path)
    {
        const int majorOffset = 128, minorOffset = 132;
        Span<byte> stat = stackalloc byte[256];
        return Stat(0, path, 0, 0, stat) == 0
            ? (BitConverter.ToInt32(stat[majorOffset..]), BitConverter.ToInt32(stat[minorOffset..]))
            : null;
    }

    /// <summary>Gets the number of a file on its file system, of the open one itself where the path is empty; <see langword="null"/> where there is none.</summary>
    internal static ulong? FileNumber(int folder, string path)
    {
        const int numberOffset = 32;
        const uint numberMask = 0x100;
        Span<byte> stat = stackalloc byte[256];
        return Stat(folder, path, path.Length == 0 ? EmptyPathAt : 0, numberMask, stat) == 0 ? BitConverter.ToUInt64(stat[numberOffset..]) : null;
    }

    internal static string Describe(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    [StructLayout(LayoutKind.Sequential)]
    internal struct MountAttributes
    {
        internal ulong Set;
        internal ulong Clear;
        internal ulong Propagation;
        internal ulong UserNamespace;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }
}
