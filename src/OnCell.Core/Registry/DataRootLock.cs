using System.Globalization;

namespace OnCell.Registry;

/// <summary>The right to be the one process that works on a data root. The kernel ends it with the process.</summary>
internal sealed class DataRootLock : IDisposable
{
    private readonly FileStream _file;

    private DataRootLock(FileStream file, long epoch)
    {
        _file = file;
        Epoch = epoch;
    }

    /// <summary>Gets how many owners there have been, this one counted.</summary>
    public long Epoch { get; }

    /// <summary>Takes the lock, or returns <see langword="null"/> where another process has it.</summary>
    public static DataRootLock? TryTake(string dataRoot)
    {
        FileStream file;
        try
        {
            // FileShare.None is flock(2) on Unix: advisory, bound to this process's life, not inherited by its children.
            file = new FileStream(Path.Combine(dataRoot, "owner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            return null;
        }

        using var reader = new StreamReader(file, leaveOpen: true);
        var epoch = long.TryParse(reader.ReadToEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last + 1 : 1;
        file.Position = 0;
        file.SetLength(0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(epoch.ToString(CultureInfo.InvariantCulture)));
        file.Flush(flushToDisk: true);
        return new DataRootLock(file, epoch);
    }

    public void Dispose() => _file.Dispose();
}
