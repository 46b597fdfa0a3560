using OnCell.Guest.Native;

namespace OnCell.Guest.Egress;

/// <summary>Moves bytes both ways between two sockets until both directions have ended.</summary>
internal static unsafe class Relay
{
    private const int BufferBytes = 64 * 1024;

    public static void Run(Fd a, Fd b)
    {
        var buffer = new byte[BufferBytes];
        bool aOpen = true, bOpen = true;
        var items = stackalloc PollItem[2];
        while (aOpen || bOpen)
        {
            items[0] = new PollItem { Fd = aOpen ? a.Number : -1, Events = Linux.PollIn };
            items[1] = new PollItem { Fd = bOpen ? b.Number : -1, Events = Linux.PollIn };
            if (Libc.poll(items, 2, -1) < 0)
                continue;
            if (items[0].Ready)
                aOpen = Move(a, b, buffer);
            if (items[1].Ready)
                bOpen = Move(b, a, buffer);
        }
    }

    /// <summary>Moves what is there; at the end, or when the other side is gone, passes the end on.</summary>
    private static bool Move(Fd from, Fd to, byte[] buffer)
    {
        var count = from.TryRead(buffer);
        try
        {
            if (count > 0)
            {
                to.Write(buffer.AsSpan(0, count));
                return true;
            }
        }
        catch (ErrnoException)
        {
            // The reader is gone: the sender shall learn of it, and not write into the void.
            _ = Libc.shutdown(from.Number, Linux.ShutdownRead);
        }
        _ = Libc.shutdown(to.Number, Linux.ShutdownWrite);
        return false;
    }
}
