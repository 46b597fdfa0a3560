namespace OnCell.Guest.Native;

/// <summary>Wakes a thread that waits in <c>poll</c>.</summary>
internal sealed unsafe class EventFd : IDisposable
{
    private readonly Fd _fd;
    private readonly Lock _lock = new();
    private bool _disposed;

    public EventFd()
    {
        var number = Libc.eventfd(0, Linux.OpenCloseOnExec | Linux.OpenNonBlocking);
        _fd = number >= 0 ? new Fd(number) : throw ErrnoException.Last("eventfd");
    }

    public int Number => _fd.Number;

    public void Set()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            var one = 1UL;
            // The only failure is a full counter, and that is as good as a wake-up.
            _ = Libc.write(_fd.Number, (byte*)&one, sizeof(ulong));
        }
    }

    public void Clear()
    {
        var value = 0UL;
        _ = Libc.read(_fd.Number, (byte*)&value, sizeof(ulong));
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _fd.Dispose();
        }
    }
}
