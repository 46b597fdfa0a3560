using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnCell.Indexing.Scanning;

/// <summary>Reads a tree below one open descriptor.</summary>
/// <remarks>
/// <para>
/// Each open resolves its whole path with <c>openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)</c>: a folder swapped for a
/// link between two calls makes the open fail. Where the kernel or a seccomp filter lacks that call, paths are walked one
/// part at a time with <c>O_NOFOLLOW</c>, which gives the same promise more slowly.
/// </para>
/// <para>
/// A file is opened with <c>O_PATH</c> first, which neither blocks on a FIFO nor wakes a device; only what is then seen
/// to be a regular file is opened for reading, through the descriptor itself.
/// </para>
/// </remarks>
internal sealed class LinuxWorkTree : IWorkTree
{
    private const int MaxAttempts = 8;

    private readonly SafeFileHandle _root;
    private readonly bool _stepwise;

    private LinuxWorkTree(SafeFileHandle root, bool stepwise)
    {
        _root = root;
        _stepwise = stepwise;
    }

    /// <summary>Opens the root.</summary>
    /// <param name="root">The folder; links on the way to it are the caller's own and are followed.</param>
    /// <param name="forceStepwise">For tests: do not use <c>openat2</c>.</param>
    /// <exception cref="CodeIndexException">It is no folder or cannot be opened.</exception>
    public static LinuxWorkTree Open(string root, bool forceStepwise = false)
    {
        var descriptor = Libc.Open(root, Libc.ReadOnly | Libc.Directory | Libc.CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw new CodeIndexException(
                CodeIndexError.RootUnreadable,
                $"Cannot open the folder '{root}': {Marshal.GetLastPInvokeErrorMessage()}. " +
                "Give the path of an existing folder that this process may read.");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return new LinuxWorkTree(handle, forceStepwise || !HasOpenAt2(descriptor));
    }

    public IWorkFolder? OpenFolder(ReadOnlySpan<byte> path)
    {
        var descriptor = OpenBeneath(path, Libc.ReadOnly | Libc.Directory | Libc.NonBlocking);
        return descriptor < 0 ? null : new LinuxWorkFolder(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    public string? ReadFile(
        ReadOnlySpan<byte> path, ref byte[] buffer, int maxBytes, out int length, out FileStamp stamp)
    {
        length = 0;
        stamp = default;
        var peek = OpenBeneath(path, Libc.PathOnly);
        if (peek < 0)
        {
            return Marshal.GetLastPInvokeError() is Libc.NoEntry or Libc.NotDirectory or Libc.TooManyLinks
                ? SkipReason.Vanished
                : SkipReason.Unreadable;
        }

        try
        {
            if (Libc.StatOf(peek, "\0"u8, out var stat) != 0) return SkipReason.Unreadable;
            if (LinuxWorkFolder.KindOf(stat) != EntryKind.File) return SkipReason.Vanished;
            if (stat.Size > (ulong)maxBytes) return SkipReason.TooLarge;
            stamp = LinuxWorkFolder.StampOf(stat);

            var descriptor = Libc.Open(
                $"/proc/self/fd/{peek}",
                Libc.ReadOnly | Libc.NonBlocking | Libc.NoControllingTerminal | Libc.CloseOnExec,
                0);
            if (descriptor < 0) return SkipReason.Unreadable;
            using var file = new SafeFileHandle(descriptor, ownsHandle: true);
            return ReadAll(file, (int)stat.Size, ref buffer, maxBytes, out length);
        }
        finally
        {
            _ = Libc.Close(peek);
        }
    }

    public void Dispose() => _root.Dispose();

    private static string? ReadAll(SafeFileHandle file, int size, ref byte[] buffer, int maxBytes, out int length)
    {
        length = 0;
        // One byte more than expected, so that the read that meets the end needs no second call.
        if (buffer.Length <= size) buffer = new byte[Math.Max(size + 1, Math.Min(2 * buffer.Length, maxBytes + 1))];
        try
        {
            while (true)
            {
                var read = RandomAccess.Read(file, buffer.AsSpan(length), length);
                if (read == 0) return null;
                length += read;
                if (length > maxBytes) return SkipReason.TooLarge;
                if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(2 * length, maxBytes + 1));
            }
        }
        catch (IOException)
        {
            return SkipReason.Unreadable;
        }
    }

    private static bool HasOpenAt2(int folder)
    {
        var descriptor = Libc.OpenBeneath(folder, ".\0"u8, Libc.PathOnly);
        if (descriptor < 0) return false;
        _ = Libc.Close(descriptor);
        return true;
    }

    private int OpenBeneath(ReadOnlySpan<byte> path, int flags)
    {
        if (_stepwise) return OpenStepwise(path, flags);

        Span<byte> terminated = stackalloc byte[path.Length + 2];
        if (path.IsEmpty) terminated[0] = (byte)'.';
        path.CopyTo(terminated);
        terminated[Math.Max(path.Length, 1)] = 0;

        // EAGAIN: something was renamed meanwhile and the kernel could not be sure.
        var descriptor = -1;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            descriptor = Libc.OpenBeneath((int)_root.DangerousGetHandle(), terminated, flags);
            if (descriptor >= 0 || Marshal.GetLastPInvokeError() is not (Libc.TryAgain or Libc.Interrupted)) break;
        }

        return descriptor;
    }

    private int OpenStepwise(ReadOnlySpan<byte> path, int flags)
    {
        var folder = (int)_root.DangerousGetHandle();
        var owned = false;
        Span<byte> name = stackalloc byte[260];
        while (true)
        {
            var slash = path.IndexOf((byte)'/');
            var part = path.IsEmpty ? "."u8 : slash < 0 ? path : path[..slash];
            var descriptor = -1;
            if (part.Length < name.Length)
            {
                part.CopyTo(name);
                name[part.Length] = 0;
                var last = slash < 0;
                descriptor = Libc.OpenOne(folder, name, last ? flags : Libc.PathOnly | Libc.Directory);
            }

            var error = Marshal.GetLastPInvokeError();
            if (owned) _ = Libc.Close(folder);
            Marshal.SetLastPInvokeError(error);
            if (descriptor < 0 || slash < 0) return descriptor;

            folder = descriptor;
            owned = true;
            path = path[(slash + 1)..];
        }
    }
}
