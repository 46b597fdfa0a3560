using OnCell.Guest.Native;

namespace OnCell.Guest.Waiting;

/// <summary>The capabilities of this process and of all that it will ever start.</summary>
internal static unsafe class Rights
{
    private const int Highest = 63;
    private const uint Version3 = 0x20080522;

    /// <summary>Gives up every capability but those of a mask, for good.</summary>
    /// <remarks>See <see href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</see>: a program that root executes gets what the bounding set holds.</remarks>
    public static void KeepOnly(ulong mask)
    {
        for (var capability = 0; capability <= Highest; capability++)
        {
            if ((mask >> capability & 1) == 0 && Libc.prctl(Linux.DropFromBoundingSet, (nuint)capability, 0, 0, 0) != 0
                && ErrnoException.Last("dropping a capability") is { Error: not Errno.EINVAL } error)
                throw error; // EINVAL: the kernel knows no such capability
        }

        var header = stackalloc uint[2] { Version3, 0 };
        var (low, high) = ((uint)mask, (uint)(mask >> 32));
        var sets = stackalloc uint[6] { low, low, 0, high, high, 0 }; // effective, permitted, inheritable; twice 32 bits
        if (Libc.capset(header, sets) != 0)
            throw ErrnoException.Last("capset");
    }
}
