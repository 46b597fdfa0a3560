namespace OnCell.Guest.Native;

/// <summary>Error numbers of Linux.</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int ENOEXEC = 8;
    public const int ECHILD = 10;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EXDEV = 18;
    public const int ENOTDIR = 20;
    public const int EISDIR = 21;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int EPIPE = 32;
    public const int ENAMETOOLONG = 36;
    public const int ENOTEMPTY = 39;
    public const int ELOOP = 40;
    public const int EDQUOT = 122;
}

/// <summary>Numbers of Linux's system calls (x86-64 and arm64 alike, but where said).</summary>
internal static class Linux
{
    public const int AtCwd = -100;
    public const int AtSymlinkNoFollow = 0x100;
    public const int AtRemoveDir = 0x200;
    public const int AtEmptyPath = 0x1000;

    public const int OpenRead = 0;
    public const int OpenWrite = 1;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenExclusive = 0x80;
    public const int OpenTruncate = 0x200;
    public const int OpenAppend = 0x400;
    public const int OpenNoTerminal = 0x100;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;

    // These two are swapped around between x86-64 and arm64.
    public static readonly int OpenDirectory = IsArm ? 0x4000 : 0x10000;
    public static readonly int OpenNoFollow = IsArm ? 0x8000 : 0x20000;

    public const uint StatxBasic = 0x7ff;
    public const int ModeFormat = 0xF000;
    public const int ModeFolder = 0x4000;
    public const int ModeFile = 0x8000;
    public const int ModeLink = 0xA000;

    public const int SetFlags = 4;
    public const int DuplicateCloseOnExec = 1030;
    public const int SetPipeSize = 1031;
    public const uint MemoryFileCloseOnExec = 1;

    public const short PollIn = 1;
    public const short PollOut = 4;
    public const short PollError = 8;
    public const short PollHangUp = 16;

    public const int UnixDomain = 1;
    public const int InternetDomain = 2;
    public const int Stream = 1;
    public const int Datagram = 2;
    public const int SocketCloseOnExec = 0x80000;
    public const int SocketLevel = 1;
    public const int SendTimeout = 21;
    public const int ReuseAddress = 2;
    public const int ShutdownRead = 0;
    public const int ShutdownWrite = 1;
    public const int ShutdownBoth = 2;
    public const nuint GetInterfaceFlags = 0x8913;
    public const nuint SetInterfaceFlags = 0x8914;
    public const nuint SetWindowSize = 0x5414;
    public const nuint GetTerminalNumber = 0x80045430;
    public const nuint SetTerminalLock = 0x40045431;
    public const short InterfaceUp = 1;

    public const uint WatchCreate = 0x100;
    public const uint WatchModify = 0x2;
    public const uint WatchAttributes = 0x4;
    public const uint WatchMovedFrom = 0x40;
    public const uint WatchMovedTo = 0x80;
    public const uint WatchDelete = 0x200;
    public const uint WatchOverflow = 0x4000;
    public const uint WatchIgnored = 0x8000;
    public const uint WatchOnlyFolder = 0x1000000;
    public const uint WatchDontFollow = 0x2000000;
    public const uint WatchIsFolder = 0x40000000;

    public const int SetChildSubreaper = 36;
    public const int MallocArenas = -8;
    public const int DropFromBoundingSet = 24;

    public const nuint MountReadOnly = 1;
    public const nuint MountNoSuid = 2;
    public const nuint MountNoDevices = 4;
    public const nuint MountNoExecute = 8;
    public const nuint MountBind = 0x1000;
    public const nuint MountRecursive = 0x4000;
    public const int UnmountDetach = 2;

    public static readonly nint PivotRootNumber = IsArm ? 41 : 155;

    public const int SignalTerminate = 15;
    public const int SignalKill = 9;
    public const int SignalPipe = 13;

    public const short SpawnSetSignalDefaults = 0x04;
    public const short SpawnSetSignalMask = 0x08;
    public const short SpawnNewSession = 0x80;

    private static bool IsArm =>
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
            == System.Runtime.InteropServices.Architecture.Arm64;
}
