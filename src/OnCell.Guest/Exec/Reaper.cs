using System.Runtime.InteropServices;
using OnCell.Guest.Native;

namespace OnCell.Guest.Exec;

/// <summary>Collects every child that ends, the guest's own and the orphans that process 1 inherits.</summary>
internal sealed class Reaper
{
    private readonly object _gate = new();
    private readonly Dictionary<int, Action<int>> _watched = [];

    // Ends seen while a spawn is under way: the child may be gone before its number is known here.
    private readonly Dictionary<int, int> _early = [];
    private int _spawning;

    public void Start() => new Thread(Run, 64 * 1024) { IsBackground = true, Name = "reaper" }.Start();

    /// <summary>Starts a child and has <paramref name="ended"/> called with its wait status.</summary>
    public int Spawn(Func<int> spawn, Action<int> ended)
    {
        lock (_gate)
            _spawning++;
        var pid = 0;
        try
        {
            pid = spawn();
            return pid;
        }
        finally
        {
            var gone = false;
            var status = 0;
            lock (_gate)
            {
                if (pid > 0)
                {
                    gone = _early.Remove(pid, out status);
                    if (!gone)
                        _watched.Add(pid, ended);
                }
                if (--_spawning == 0)
                    _early.Clear();
                Monitor.Pulse(_gate);
            }
            if (gone)
                ended(status);
        }
    }

    /// <summary>Gets whether a command that was started here still runs.</summary>
    public bool HasChildren
    {
        get
        {
            lock (_gate)
                return _watched.Count > 0;
        }
    }

    /// <summary>Sends a signal to every process of the cell.</summary>
    public void SignalAll(int signal)
    {
        // -1 means "everyone but me", which is the cell's processes only where the guest is process 1 of it.
        if (Libc.getpid() == 1)
        {
            _ = Libc.kill(-1, signal);
            return;
        }
        lock (_gate)
        {
            foreach (var pid in _watched.Keys)
                _ = Libc.kill(-pid, signal);
        }
    }

    private unsafe void Run()
    {
        while (true)
        {
            int status;
            var pid = Libc.waitpid(-1, &status, 0);
            if (pid > 0)
                Report(pid, status);
            else if (Marshal.GetLastPInvokeError() == Errno.ECHILD)
                WaitForChildren();
        }
    }

    private void Report(int pid, int status)
    {
        Action<int>? ended;
        lock (_gate)
        {
            if (!_watched.Remove(pid, out ended) && _spawning > 0)
                _early[pid] = status;
        }
        ended?.Invoke(status);
    }

    private void WaitForChildren()
    {
        lock (_gate)
        {
            while (_watched.Count == 0)
                Monitor.Wait(_gate);
        }
    }
}
