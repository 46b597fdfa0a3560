using OnCell.Guest.Native;

namespace OnCell.Guest.Exec;

/// <summary>A little of the disk, held back so that a full one can still take the records of commands.</summary>
/// <remarks>Else a cell that has filled its disk could run no command under a key, not even one that makes room.</remarks>
internal sealed class DiskReserve(string path)
{
    private const int Bytes = 256 * 1024;

    private readonly Lock _lock = new();
    private bool _held;

    /// <summary>Takes the reserve where it is not held; a disk too full for it is tried again the next time.</summary>
    public void Ensure()
    {
        lock (_lock)
        {
            if (_held)
                return;
            try
            {
                if (FileSystem.Stat(path) is not { Size: >= Bytes })
                {
                    using var file = FileSystem.Open(path, Linux.OpenWrite | Linux.OpenCreate | Linux.OpenTruncate, 0x180);
                    file.Write(new byte[Bytes]);
                }
                _held = true;
            }
            catch (ErrnoException e) when (e.IsNoSpace)
            {
                FileSystem.RemoveFileIfAny(path);
            }
        }
    }

    /// <summary>Writes something small; where the disk is full, gives the reserve up for it.</summary>
    public void Use(Action write)
    {
        try
        {
            write();
        }
        catch (ErrnoException e) when (e.IsNoSpace)
        {
            lock (_lock)
            {
                FileSystem.RemoveFileIfAny(path);
                _held = false;
            }
            write();
        }
    }
}
