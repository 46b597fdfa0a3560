using OnCell.Guest.Native;

namespace OnCell.Guest.Egress;

/// <summary>Moves bytes both ways between two sockets until both directions have ended, or either side is gone.</summary>
internal static unsafe class Relay
{
    /// <summary>Runs on one thread without ever blocking on a write: two peers that both only write would wait for each other for ever.</summary>
    public static void Run(Fd a, Fd b)
    {
        a.SetNonBlocking();
        b.SetNonBlocking();
        var forth = new Direction(a, b);
        var back = new Direction(b, a);
        var items = stackalloc PollItem[2];
        while (!forth.Ended || !back.Ended)
        {
            items[0] = Interest(a, forth, back);
            items[1] = Interest(b, back, forth);
            if (Libc.poll(items, 2, -1) > 0 && !(forth.Move() && back.Move()))
                return;
        }
    }

    private static PollItem Interest(Fd fd, Direction from, Direction to)
    {
        var events = (from.WantsInput ? Linux.PollIn : 0) | (to.WantsOutput ? Linux.PollOut : 0);
        // Not asked about at all, or a hang-up would be reported again and again.
        return new PollItem { Fd = events == 0 ? -1 : fd.Number, Events = (short)events };
    }

    private sealed class Direction(Fd from, Fd to)
    {
        private const int BufferBytes = 64 * 1024;

        private readonly byte[] _buffer = new byte[BufferBytes];
        private int _start;
        private int _end;
        private bool _inputEnded;

        public bool Ended { get; private set; }

        public bool WantsInput => !_inputEnded && _start == _end;

        public bool WantsOutput => _start < _end;

        /// <summary>Moves what can be moved now; <see langword="false"/> once the receiver is gone.</summary>
        public bool Move()
        {
            if (WantsInput)
                Fill();
            while (WantsOutput)
            {
                var count = to.TryWrite(_buffer.AsSpan(_start, _end - _start));
                if (count == -Errno.EAGAIN)
                    return true;
                if (count < 0)
                    return false;
                _start += count;
            }
            if (_inputEnded && !Ended)
            {
                Ended = true;
                _ = Libc.shutdown(to.Number, Linux.ShutdownWrite);
            }
            return true;
        }

        private void Fill()
        {
            var count = from.TryRead(_buffer);
            if (count == -Errno.EAGAIN)
                return;
            (_start, _end) = (0, Math.Max(0, count));
            _inputEnded = count <= 0;
        }
    }
}
