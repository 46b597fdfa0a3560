using System.Runtime.InteropServices;

namespace OnCell.Sandboxes.Host;

/// <summary>A mounted file system that is whole on its disk and takes no write until this is disposed.</summary>
/// <remarks>
/// A process that dies in between leaves it frozen, and what writes to it cannot even be killed: whoever finds it thaws it
/// first. See <see href="https://man7.org/linux/man-pages/man2/ioctl_fifreeze.2.html">FIFREEZE</see>.
/// </remarks>
internal sealed class FrozenFileSystem : IDisposable
{
    private const nuint Freeze = 0xC0045877;
    private const nuint Unfreeze = 0xC0045878;

    private readonly string _mountPoint;

    private FrozenFileSystem(string mountPoint) => _mountPoint = mountPoint;

    /// <summary>Waits for what is being written, and holds up what comes after.</summary>
    /// <exception cref="SandboxException">The kernel refused.</exception>
    internal static Task<FrozenFileSystem> AtAsync(string mountPoint) => Task.Run(() =>
        Control(mountPoint, Freeze) is 0
            ? new FrozenFileSystem(mountPoint)
            : throw new SandboxException($"The file system at {mountPoint} could not be frozen: {Libc.Describe(Marshal.GetLastPInvokeError())}."));

    /// <summary>Lets writes go on, whoever froze it; a file system that is not frozen, or not there, is fine.</summary>
    internal static void Thaw(string mountPoint) => _ = Control(mountPoint, Unfreeze);

    public void Dispose() => Thaw(_mountPoint);

    private static int Control(string mountPoint, nuint request)
    {
        var descriptor = Libc.Open(mountPoint, Libc.Folder | Libc.NoFollow | Libc.CloseOnExec);
        if (descriptor < 0)
            return -1;
        var result = Libc.Control(descriptor, request, 0);
        var error = Marshal.GetLastPInvokeError();
        Libc.Close(descriptor);
        Marshal.SetLastPInvokeError(error);
        return result;
    }
}
