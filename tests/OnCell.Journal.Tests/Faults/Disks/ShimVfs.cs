using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static OnCell.Journal.Tests.Faults.Disks.SqliteVfs;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>
/// A file system for SQLite that passes everything on to the host's and tells a <see cref="FaultDisk"/> of every write and
/// sync, so that it can refuse them, or say what a disk would hold if the power went now.
/// </summary>
internal static unsafe class ShimVfs
{
    public const string Name = "oncell-test-disk";

    private static readonly ConcurrentDictionary<string, FaultDisk> Disks = new(StringComparer.Ordinal);
    private static readonly Vfs* Host = Find(null);
    private static readonly Methods* Shim = MakeMethods();

    static ShimVfs()
    {
        var vfs = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        *vfs = *Host;
        vfs->Next = null;
        vfs->Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
        vfs->FileSize = sizeof(Handle) + Host->FileSize;
        vfs->Open = &Open;
        if (Register(vfs, 0) != Ok)
            throw new InvalidOperationException("the test file system could not be registered");
    }

    /// <summary>Tells a disk of all that happens to files in its folder.</summary>
    public static void Mount(FaultDisk disk) => Disks[disk.Folder] = disk;

    public static void Unmount(FaultDisk disk) => Disks.TryRemove(disk.Folder, out _);

    private static Handle* HostFile(Handle* file) => file + 1;

    private static FaultFile? FileOf(Handle* file) => file->File == 0 ? null : (FaultFile?)GCHandle.FromIntPtr(file->File).Target;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Vfs* vfs, byte* name, Handle* file, int flags, int* outFlags)
    {
        file->Methods = null;
        file->File = 0;
        var code = Host->Open(Host, name, HostFile(file), flags, outFlags);
        if (HostFile(file)->Methods is null)
            return code;
        file->Methods = Shim;
        if ((flags & (OpenMainDatabase | OpenWal)) != 0 && Marshal.PtrToStringUTF8((nint)name) is { } path
            && Disks.TryGetValue(Path.GetDirectoryName(path)!, out var disk))
        {
            file->File = GCHandle.ToIntPtr(GCHandle.Alloc(disk.Open(Path.GetFileName(path))));
        }

        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(Handle* file)
    {
        if (file->File != 0)
            GCHandle.FromIntPtr(file->File).Free();
        file->File = 0;
        return HostFile(file)->Methods->Close(HostFile(file));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(Handle* file, byte* data, int count, long offset)
    {
        var code = FileOf(file)?.Write(offset, new ReadOnlySpan<byte>(data, count)) ?? Ok;
        return code != Ok ? code : HostFile(file)->Methods->Write(HostFile(file), data, count, offset);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(Handle* file, long size)
    {
        FileOf(file)?.Truncate(size);
        return HostFile(file)->Methods->Truncate(HostFile(file), size);
    }

    // Durability is the test disk's: the host's own sync would only cost time.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(Handle* file, int flags) => FileOf(file)?.Sync() ?? Ok;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(Handle* file, byte* data, int count, long offset) =>
        HostFile(file)->Methods->Read(HostFile(file), data, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Size(Handle* file, long* size) => HostFile(file)->Methods->Size(HostFile(file), size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Lock(Handle* file, int level) => HostFile(file)->Methods->Lock(HostFile(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Unlock(Handle* file, int level) => HostFile(file)->Methods->Unlock(HostFile(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CheckReserved(Handle* file, int* result) => HostFile(file)->Methods->CheckReserved(HostFile(file), result);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Control(Handle* file, int what, void* argument) =>
        HostFile(file)->Methods->Control(HostFile(file), what, argument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SectorSize(Handle* file) => HostFile(file)->Methods->SectorSize(HostFile(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Characteristics(Handle* file) => HostFile(file)->Methods->Characteristics(HostFile(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ShmMap(Handle* file, int page, int size, int extend, void** memory) =>
        HostFile(file)->Methods->ShmMap(HostFile(file), page, size, extend, memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ShmLock(Handle* file, int offset, int count, int flags) =>
        HostFile(file)->Methods->ShmLock(HostFile(file), offset, count, flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ShmBarrier(Handle* file) => HostFile(file)->Methods->ShmBarrier(HostFile(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ShmUnmap(Handle* file, int delete) => HostFile(file)->Methods->ShmUnmap(HostFile(file), delete);

    private static Methods* MakeMethods()
    {
        var methods = (Methods*)NativeMemory.AllocZeroed((nuint)sizeof(Methods));

        // Version 2: shared memory, but no memory-mapped reads.
        *methods = new Methods
        {
            Version = 2,
            Close = &Close,
            Read = &Read,
            Write = &Write,
            Truncate = &Truncate,
            Sync = &Sync,
            Size = &Size,
            Lock = &Lock,
            Unlock = &Unlock,
            CheckReserved = &CheckReserved,
            Control = &Control,
            SectorSize = &SectorSize,
            Characteristics = &Characteristics,
            ShmMap = &ShmMap,
            ShmLock = &ShmLock,
            ShmBarrier = &ShmBarrier,
            ShmUnmap = &ShmUnmap,
        };
        return methods;
    }
}
