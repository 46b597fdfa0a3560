using System.Runtime.InteropServices;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>SQLite's own structures for a file system of one's own: https://sqlite.org/c3ref/vfs.html</summary>
internal static unsafe partial class SqliteVfs
{
    public const int Ok = 0;
    public const int OpenMainDatabase = 0x100;
    public const int OpenWal = 0x80000;
    public const int IoErrorFsync = 10 | (4 << 8);
    public const int IoErrorWrite = 10 | (3 << 8);
    public const int Full = 13;

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", StringMarshalling = StringMarshalling.Utf8)]
    public static partial Vfs* Find(string? name);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    public static partial int Register(Vfs* vfs, int makeDefault);

    [StructLayout(LayoutKind.Sequential)]
    public struct Vfs
    {
        public int Version;
        public int FileSize;
        public int MaxPath;
        public Vfs* Next;
        public byte* Name;
        public void* AppData;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, Handle*, int, int*, int> Open;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int> Delete;

        // The rest is the host's, copied as it is.
        public fixed long Others[14];
    }

    /// <summary>An open file: SQLite sees the methods, behind them is our number, then the host's own file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Handle
    {
        public Methods* Methods;
        public nint File;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<Handle*, int> Close;
        public delegate* unmanaged[Cdecl]<Handle*, byte*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<Handle*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<Handle*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<Handle*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<Handle*, long*, int> Size;
        public delegate* unmanaged[Cdecl]<Handle*, int, int> Lock;
        public delegate* unmanaged[Cdecl]<Handle*, int, int> Unlock;
        public delegate* unmanaged[Cdecl]<Handle*, int*, int> CheckReserved;
        public delegate* unmanaged[Cdecl]<Handle*, int, void*, int> Control;
        public delegate* unmanaged[Cdecl]<Handle*, int> SectorSize;
        public delegate* unmanaged[Cdecl]<Handle*, int> Characteristics;
        public delegate* unmanaged[Cdecl]<Handle*, int, int, int, void**, int> ShmMap;
        public delegate* unmanaged[Cdecl]<Handle*, int, int, int, int> ShmLock;
        public delegate* unmanaged[Cdecl]<Handle*, void> ShmBarrier;
        public delegate* unmanaged[Cdecl]<Handle*, int, int> ShmUnmap;
    }
}
