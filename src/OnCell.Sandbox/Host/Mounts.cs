using System.Runtime.InteropServices;

namespace OnCell.Sandboxes.Host;

/// <summary>Mounting and unmounting, safe to repeat.</summary>
internal static class Mounts
{
    private const nuint NoSuid = 2;
    private const nuint NoDev = 4;
    private const nuint NoAccessTime = 1024;
    private const nuint Shared = 1 << 20;
    private const ulong Private = 1 << 18;
    private const int CloneTree = 1;
    private const int Recursive = 0x8000;
    private const ulong ReadOnly = 1;
    private const ulong NoExec = 8;
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
        throw Refused($"Mounting {source} ({type}) at {target}");
    }

    /// <summary>Makes a folder a mount below which later mounts reach the namespaces that were copied from this one meanwhile.</summary>
    /// <remarks>See <see href="https://man7.org/linux/man-pages/man7/mount_namespaces.7.html">mount_namespaces(7)</see>, "shared subtrees".</remarks>
    /// <exception cref="SandboxException">The kernel refused.</exception>
    internal static void Share(string folder)
    {
        Bind(folder, folder, writable: true, executable: true);
        if (Libc.Mount("none", folder, "none", Shared, null) != 0)
            throw Refused($"Sharing {folder}");
    }

    /// <summary>Shows a folder or file at another place. What may be done there holds from the first moment, in every namespace.</summary>
    /// <exception cref="SandboxException">The kernel refused; Linux 5.12 or newer is needed.</exception>
    internal static void Bind(string source, string target, bool writable, bool executable)
    {
        var below = writable ? Recursive : 0;
        var tree = Libc.OpenTree(source, CloneTree | Libc.CloseOnExec | below);
        if (tree < 0)
            throw Refused($"Binding {source}");
        try
        {
            var attributes = new Libc.MountAttributes
            {
                Set = NoSuid | NoDev | (writable ? 0 : ReadOnly) | (executable ? 0 : NoExec),
                Propagation = Private,
            };
            if (Libc.SetMountAttributes(tree, below, attributes) != 0 || Libc.MoveMount(tree, target) != 0)
                throw Refused($"Binding {source} at {target}");
        }
        finally
        {
            Libc.Close(tree);
        }
    }

    /// <summary>Unmounts all that is mounted below a folder, the latest first.</summary>
    internal static async Task UnmountBelowAsync(string folder)
    {
        foreach (var mount in MountTable.Read().Reverse().Where(m => m.Target.StartsWith(folder + "/", StringComparison.Ordinal)))
            await UnmountAsync(mount.Target).ConfigureAwait(false);
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

    private static SandboxException Refused(string what) =>
        new($"{what} failed: {Libc.Describe(Marshal.GetLastPInvokeError())}. Mounts need root; 'dmesg | tail' has the kernel's reason.");
}
