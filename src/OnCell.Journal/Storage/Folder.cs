using System.Runtime.InteropServices;

namespace OnCell.Journaling.Storage;

/// <summary>Makes the names in a folder durable, which .NET has no call for.</summary>
internal static partial class Folder
{
    private const int ReadOnly = 0;

    /// <summary>Syncs a folder: files created or renamed in it are found there after a power cut.</summary>
    public static void Sync(string path)
    {
        // Windows journals its directories by itself and has no such call.
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw Failed(path);
        try
        {
            if (Fsync(descriptor) != 0)
                throw Failed(path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static JournalStorageException Failed(string path) => new(
        $"the folder {path} cannot be synced to the disk: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
