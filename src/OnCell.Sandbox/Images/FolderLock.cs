using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Images;

/// <summary>The lock of a folder that processes share; of the image folder it is the one that builds hold by flock(1), so that one image is made at a time on a host.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    /// <summary>Takes the lock; dispose what is returned to give it back.</summary>
    internal static async Task<IDisposable> TakeAsync(string folder, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, ".lock");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var descriptor = Libc.OpenAt(Libc.CurrentFolder, path, Libc.ReadWrite | Libc.Create | Libc.CloseOnExec, 0b110_100_100);
        if (descriptor < 0)
            throw new SandboxException($"The lock {path} cannot be opened: {Libc.Describe(Marshal.GetLastPInvokeError())}.");
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            while (Libc.Lock(descriptor, Libc.LockAlone | Libc.LockWithoutWaiting) != 0)
                await Task.Delay(Wait, limit.Token).ConfigureAwait(false);
            return file; // closing it lets the lock go
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            file.Dispose();
            throw new SandboxException($"Others worked in {folder} for longer than {timeout}: is another process making images there?");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
