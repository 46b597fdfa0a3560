using System.Runtime.InteropServices;

namespace OnCell.Sandboxes.Host;

/// <summary>Mounting and unmounting, safe to repeat.</summary>
internal static class Mounts
{
    private const nuint NoSuid = 2;
    private const nuint NoDev = 4;
    private const nuint NoAccessTime = 1024;
    private const int Detach = 2;
    private const int NoFollow = 8;

    private static readonly TimeSpan BusyWait = TimeSpan.FromMilliseconds(10);
    private const int BusyAttempts = 100;

    /// <summary>Mounts with <c>nosuid,nodev,noatime</c>: nothing a sandbox writes becomes a set-uid program or a device on the host.</summary>
    /// <exception cref="SandboxException">The kernel refused.</exception>
    internal static void Mount(string source, string target, string type, string? options)
    {
        if (Libc.Mount(source, target, type, NoSuid | NoDev | NoAccessTime, options) == 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        throw new SandboxException(
            $"Mounting {source} ({type}) at {target} failed: {Libc.Describe(error)}. Mounts need root; 'dmesg | tail' has the kernel's reason.");
    }

    /// <summary>Unmounts all that is mounted there, waiting a moment for the last user to let go.</summary>
    /// <returns>Whether anything was mounted.</returns>
    internal static async Task<bool> UnmountAsync(string target)
    {
        var any = false;
        for (var attempt = 0; ;)
        {
            if (Libc.Unmount(target, NoFollow) == 0)
            {
                any = true; // something else may be mounted below it
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.InvalidArgument or Libc.NoSuchEntry:
                    return any;
                case Libc.DeviceBusy when ++attempt < BusyAttempts:
                    await Task.Delay(BusyWait).ConfigureAwait(false);
                    continue;
                case Libc.DeviceBusy when Libc.Unmount(target, Detach | NoFollow) == 0:
                    any = true; // a stranger has a file of it open: gone from here now, from the kernel when it lets go
                    continue;
                case var error:
                    throw new SandboxException($"Unmounting {target} failed: {Libc.Describe(error)}.");
            }
        }
    }
}
