using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnCell.Indexing.Scanning;

/// <summary>The Linux calls that open below a folder without following links.</summary>
internal static unsafe partial class Libc
{
    public const int ReadOnly = 0;
    public const int NonBlocking = 0x800;
    public const int NoControllingTerminal = 0x100;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;
    public const int AtEmptyPath = 0x1000;
    public const int AtSymlinkNoFollow = 0x100;
    public const uint StatxBasic = 0x1 | 0x40 | 0x80 | 0x200; // type, mtime, ctime, size

    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int NotDirectory = 20;
    public const int TooManyLinks = 40;

    private const int OpenAt2Number = 437; // the same on every architecture
    private const ulong ResolveNoMagicLinks = 0x2;
    private const ulong ResolveNoSymlinks = 0x4;
    private const ulong ResolveBeneath = 0x8;

    // These two differ between x86-64 and the others.
    public static int Directory { get; } = IsArm ? 0x4000 : 0x10000;
    public static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>The kernel's <c>struct open_how</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>The part of the kernel's <c>struct statx</c> that is read here; the layout is the same everywhere.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct Statx
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
    }

    /// <summary>Opens <paramref name="path"/> below a folder; no part of it may be a symbolic link.</summary>
    /// <returns>A descriptor, or -1 with the error number set.</returns>
    public static int OpenBeneath(int folder, ReadOnlySpan<byte> path, int flags)
    {
        var how = new OpenHow
        {
            Flags = (ulong)(uint)(flags | NoFollow | CloseOnExec),
            Resolve = ResolveBeneath | ResolveNoSymlinks | ResolveNoMagicLinks,
        };
        fixed (byte* p = path)
        {
            return (int)OpenAt2(OpenAt2Number, folder, p, &how, (nuint)sizeof(OpenHow));
        }
    }

    public static int OpenOne(int folder, ReadOnlySpan<byte> name, int flags)
    {
        fixed (byte* p = name)
        {
            return OpenAt(folder, p, flags | NoFollow | CloseOnExec, 0);
        }
    }

    public static int StatOf(int folder, ReadOnlySpan<byte> name, out Statx stat)
    {
        stat = default;
        fixed (byte* p = name)
        fixed (Statx* s = &stat)
        {
            var flags = name[0] == 0 ? AtEmptyPath : AtSymlinkNoFollow;
            return StatxAt(folder, p, flags, StatxBasic, s);
        }
    }

    public static nint ReadEntries(SafeFileHandle folder, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            return GetDents(folder, p, (nuint)buffer.Length);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(nint number, nint folder, byte* path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int folder, byte* path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatxAt(int folder, byte* path, int flags, uint mask, Statx* stat);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetDents(SafeFileHandle folder, byte* buffer, nuint size);
}
