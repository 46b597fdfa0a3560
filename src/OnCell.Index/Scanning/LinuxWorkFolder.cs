using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnCell.Indexing.Scanning;

/// <summary>Lists an open folder with <c>getdents64</c>, whose names need not be valid text.</summary>
internal sealed class LinuxWorkFolder(SafeFileHandle handle) : IWorkFolder
{
    private const int BufferBytes = 32 * 1024;
    private const int NameOffset = 19; // ino, off: 8 each; reclen: 2; type: 1

    public bool List(List<TreeEntry> entries, int max, CancellationToken ct)
    {
        Span<byte> buffer = new byte[BufferBytes];
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var filled = (int)Libc.ReadEntries(handle, buffer);
            if (filled < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted) continue;
            if (filled <= 0) return true; // the end, or the folder was removed while being listed

            for (var at = 0; at < filled;)
            {
                var record = buffer[at..filled];
                var length = BinaryPrimitives.ReadUInt16LittleEndian(record[16..]);
                var name = record[NameOffset..length];
                name = name[..name.IndexOf((byte)0)];
                at += length;
                if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)) continue;
                if (entries.Count == max) return false;
                entries.Add(new TreeEntry(name.ToArray(), KindOf(record[18])));
            }
        }
    }

    public EntryKind Stat(ReadOnlySpan<byte> name, out FileStamp stamp)
    {
        stamp = default;
        Span<byte> terminated = stackalloc byte[name.Length + 1];
        name.CopyTo(terminated);
        terminated[name.Length] = 0;
        if (Libc.StatOf((int)handle.DangerousGetHandle(), terminated, out var stat) != 0) return EntryKind.Unknown;
        stamp = StampOf(stat);
        return KindOf(stat);
    }

    public void Dispose() => handle.Dispose();

    internal static EntryKind KindOf(in Libc.Statx stat) => (stat.Mode & 0xF000) switch
    {
        0x8000 => EntryKind.File,
        0x4000 => EntryKind.Folder,
        0xA000 => EntryKind.SymbolicLink,
        _ => EntryKind.Special,
    };

    internal static FileStamp StampOf(in Libc.Statx stat) => new(
        (long)stat.Size,
        Nanoseconds(stat.ModifiedSeconds, stat.ModifiedNanoseconds),
        Nanoseconds(stat.ChangedSeconds, stat.ChangedNanoseconds));

    private static long Nanoseconds(long seconds, uint nanoseconds) => unchecked(seconds * 1_000_000_000 + nanoseconds);

    private static EntryKind KindOf(byte directoryType) => directoryType switch
    {
        0 => EntryKind.Unknown, // some file systems do not tell; Stat does
        4 => EntryKind.Folder,
        8 => EntryKind.File,
        10 => EntryKind.SymbolicLink,
        _ => EntryKind.Special,
    };
}
