using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>The folder of all sandboxes of a runtime: made when one is to start, removed by the last runtime that lets go of it empty.</summary>
/// <remarks>
/// Whoever uses it holds a shared lock of the folder itself, and only who has it alone removes it. The kernel lets go of a lock when its
/// process dies; sandboxes that go on then keep the folder by what they have in it.
/// </remarks>
internal sealed class RuntimeRoot(string path) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What is in it besides sandboxes: runsc's own folders, which are empty without one.</summary>
    private static readonly string[] Common = [".runsc", ".probe"];

    private readonly Lock _gate = new();
    private SafeFileHandle? _held;

    /// <summary>Makes the folder where it is missing, and sees that nobody removes it until <see cref="Dispose"/>.</summary>
    internal void Hold()
    {
        lock (_gate)
        {
            while (_held is null)
            {
                Directory.CreateDirectory(path, OwnerOnly);
                var folder = Open();
                if (folder is not null && Libc.Lock(Descriptor(folder), Libc.LockShared) == 0 && IsThere(folder))
                    _held = folder;
                else
                    folder?.Dispose(); // it went before it was locked
            }
        }
    }

    /// <summary>Lets go of the folder, and removes it where nothing of a sandbox is in it and nobody else holds it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            using var folder = _held ?? Open();
            _held = null;
            if (folder is null || Libc.Lock(Descriptor(folder), Libc.LockAlone | Libc.LockWithoutWaiting) != 0 || !IsThere(folder))
                return;
            if (Directory.EnumerateFileSystemEntries(path).Any(entry => !Common.Contains(Path.GetFileName(entry))))
                return;
            foreach (var name in Common)
                RemoveIfEmpty(Path.Combine(path, name));
            RemoveIfEmpty(path);
        }
    }

    private static int Descriptor(SafeFileHandle folder) => (int)folder.DangerousGetHandle();

    private static void RemoveIfEmpty(string folder) => Libc.UnlinkAt(Libc.CurrentFolder, folder, Libc.RemoveFolderAt);

    private SafeFileHandle? Open()
    {
        var descriptor = Libc.OpenAt(Libc.CurrentFolder, path, Libc.Folder | Libc.CloseOnExec, 0);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        return error == Libc.NoSuchEntry ? null : throw new SandboxException($"{path} cannot be opened: {Libc.Describe(error)}.");
    }

    /// <summary>Gets whether an open folder is still, or again, the one at the path.</summary>
    private bool IsThere(SafeFileHandle folder) =>
        Libc.FileNumber(Descriptor(folder), "") is { } number && number == Libc.FileNumber(Libc.CurrentFolder, path);
}
