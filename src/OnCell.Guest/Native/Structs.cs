using System.Runtime.InteropServices;

namespace OnCell.Guest.Native;

[StructLayout(LayoutKind.Sequential)]
internal struct PollItem
{
    public int Fd;
    public short Events;
    public short Returned;

    public readonly bool Ready => Returned != 0;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary><c>struct dirent</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DirectoryEntry
{
    public ulong Inode;
    public long Offset;
    public ushort RecordLength;
    public byte Type;
    public fixed byte Name[256];
}

[StructLayout(LayoutKind.Sequential)]
internal struct StatxTime
{
    public long Seconds;
    public uint Nanoseconds;
    public int Reserved;

    public readonly long UnixMilliseconds => Seconds * 1000 + Nanoseconds / 1_000_000;
}

/// <summary><c>struct statx</c>, which is the same on every architecture.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Statx
{
    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint Links;
    public uint Owner;
    public uint Group;
    public ushort Mode;
    public ushort Spare;
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AttributesMask;
    public StatxTime Accessed;
    public StatxTime Created;
    public StatxTime Changed;
    public StatxTime Modified;
    public fixed ulong Rest[18];
}
