using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OnCell.Sandboxes.Host;

/// <summary>Keeps moves of processes between control groups quick, for as long as a sandbox is being started.</summary>
/// <remarks>
/// Such a move takes a lock that the whole host has one of. Whoever takes it after a pause waits for a grace period of RCU, 5 to 10 ms;
/// whoever comes soon after another does not (<c>rcu_sync</c> below the kernel's <c>percpu_down_write</c>). runsc moves twice in a start,
/// with longer pauses. So a thread of ours moves itself to where it is again and again, which takes that lock and changes nothing. The
/// mount option <c>favordynmods</c> does the same for a whole host and for good, at a cost to each fork and exit.
/// </remarks>
/// <param name="tree">Where control groups are.</param>
/// <param name="memberships">The file that says in which of them the thread is that reads it.</param>
internal sealed class CgroupMoves(CgroupTree tree, string memberships = "/proc/thread-self/cgroup")
{
    internal const string ThreadName = "cgroup-moves";

    private const int StackBytes = 64 << 10;

    /// <summary>Well below a grace period.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();
    private int _starts;
    private bool _moves;

    internal static CgroupMoves Host { get; } = new(CgroupTree.Host);

    /// <summary>Gets whether the thread runs.</summary>
    internal bool IsMoving
    {
        get
        {
            lock (_gate)
                return _moves;
        }
    }

    /// <summary>Begins, where that is not done yet; it goes on until all who asked for it have disposed of what they got.</summary>
    internal IDisposable KeepQuick()
    {
        lock (_gate)
        {
            _starts++;
            if (!_moves)
                new Thread(Move, StackBytes) { IsBackground = true, Name = ThreadName }.Start();
            _moves = true;
        }

        return new Start(this);
    }

    private void Move()
    {
        using var place = OpenPlace();
        var self = Encoding.ASCII.GetBytes(Libc.ThreadId().ToString(CultureInfo.InvariantCulture)); // 0 would be moved without the lock
        while (IsWanted(place))
        {
            try
            {
                RandomAccess.Write(place!, self, 0);
            }
            catch (Exception error) when (IsRefusal(error))
            {
                // The lock was taken all the same, and nothing depends on it but time.
            }
            Thread.Sleep(Pause);
        }
    }

    private bool IsWanted(SafeFileHandle? place)
    {
        lock (_gate)
            return _moves = _starts > 0 && place is not null;
    }

    /// <summary>Opens the list of threads of a control group that this thread is in; <see langword="null"/> where it may not.</summary>
    private SafeFileHandle? OpenPlace()
    {
        foreach (var line in Memberships())
        {
            if (line.Split(':', 3) is not [_, var controllers, var path] || Threads(controllers, path) is not { } file || !File.Exists(file))
                continue;
            try
            {
                return File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            }
            catch (Exception error) when (IsRefusal(error))
            {
                // Read-only, as in a container.
            }
        }

        return null;
    }

    private string[] Memberships()
    {
        try
        {
            return File.ReadAllLines(memberships);
        }
        catch (Exception error) when (IsRefusal(error))
        {
            return [];
        }
    }

    private string? Threads(string controllers, string path) => (tree.IsUnified, controllers) switch
    {
        (true, "") => $"{tree.Root}{path}/cgroup.threads",
        (false, not "") => $"{tree.Root}/{controllers.Replace("name=", "", StringComparison.Ordinal)}{path}/tasks",
        _ => null,
    };

    private static bool IsRefusal(Exception error) => error is IOException or UnauthorizedAccessException;

    private sealed class Start(CgroupMoves moves) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
                return;
            lock (moves._gate)
                moves._starts--;
        }
    }
}
