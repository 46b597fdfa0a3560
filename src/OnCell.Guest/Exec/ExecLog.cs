using System.Text;
using OnCell.Guest.Native;

namespace OnCell.Guest.Exec;

/// <summary>A line for each begin and each end of a keyed command, for people and for tests. The last 16 to 32 MiB are kept.</summary>
internal sealed class ExecLog(string path)
{
    private const long MaxBytes = 16L * 1024 * 1024;

    private readonly Lock _lock = new();
    private Fd? _file;
    private long _length;

    public void Append(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            try
            {
                Open();
                _file!.Write(bytes);
                _length += bytes.Length;
            }
            catch (ErrnoException e) when (e.IsNoSpace)
            {
                // The records decide, not this log; a full disk shall not fail a command for it.
                Log.Error("the log of commands lacks a line", e);
            }
        }
    }

    private void Open()
    {
        if (_file is null)
        {
            _length = (long)(FileSystem.Stat(path)?.Size ?? 0);
        }
        else if (_length > MaxBytes)
        {
            _file.Dispose();
            _file = null;
            FileSystem.Rename(path, path + ".1");
            _length = 0;
        }
        _file ??= FileSystem.Open(path, Linux.OpenWrite | Linux.OpenCreate | Linux.OpenAppend, 0x180);
    }
}
