using System.Runtime.InteropServices;

namespace OnCell.Sandboxes.Host;

/// <summary>Tells when processes end that this one did not start, without polling: a thread sleeps in poll(2) on their pidfds.</summary>
/// <remarks>See <see href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</see>; needs Linux 5.3.</remarks>
internal sealed class ProcessWatcher : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, TaskCompletionSource> _watched = [];
    private readonly int _wake = Libc.CreateEvent(0, Libc.CloseOnExec);
    private bool _started;
    private bool _disposed;

    /// <summary>Gets a task that ends when the process does; it has ended already where there is no such process.</summary>
    /// <remarks>The task never ends once the watcher is disposed.</remarks>
    internal Task WhenEndedAsync(int pid)
    {
        var pidfd = Libc.OpenPidfd(pid);
        if (pidfd < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == Libc.NoSuchProcess
                ? Task.CompletedTask
                : throw new SandboxException($"Process {pid} cannot be watched: {Libc.Describe(error)}. Linux 5.3 or newer is needed.");
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_disposed)
            {
                Libc.Close(pidfd);
                throw new ObjectDisposedException(nameof(ProcessWatcher));
            }

            _watched.Add(pidfd, ended);
            if (!_started)
            {
                _started = true;
                new Thread(Watch) { IsBackground = true, Name = "OnCell process watcher" }.Start();
            }

            Wake();
        }

        return ended.Task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_started)
                Wake();
            else
                Release();
        }
    }

    private void Wake()
    {
        ulong one = 1;
        Libc.WriteEvent(_wake, ref one, sizeof(ulong));
    }

    private void Watch()
    {
        while (true)
        {
            Libc.PollEntry[] entries;
            lock (_gate)
            {
                if (_disposed)
                {
                    Release();
                    return;
                }

                entries = [
                    new() { Descriptor = _wake, Events = Libc.PollIn },
                    .. _watched.Keys.Select(fd => new Libc.PollEntry { Descriptor = fd, Events = Libc.PollIn })];
            }

            if (Libc.Poll(ref entries[0], (nuint)entries.Length, -1) < 0)
                continue; // interrupted by a signal
            if (entries[0].Returned != 0)
                Libc.ReadEvent(_wake, out _, sizeof(ulong));
            foreach (var entry in entries.AsSpan(1))
            {
                if (entry.Returned != 0)
                    Complete(entry.Descriptor);
            }
        }
    }

    private void Complete(int pidfd)
    {
        TaskCompletionSource? ended;
        lock (_gate)
        {
            if (!_watched.Remove(pidfd, out ended))
                return;
            Libc.Close(pidfd);
        }

        ended.SetResult();
    }

    private void Release()
    {
        foreach (var pidfd in _watched.Keys)
            Libc.Close(pidfd);
        _watched.Clear();
        Libc.Close(_wake);
    }
}
