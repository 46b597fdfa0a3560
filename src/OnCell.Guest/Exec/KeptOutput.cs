using OnCell.Guest.Files;
using OnCell.Guest.Native;

namespace OnCell.Guest.Exec;

/// <summary>Keeps the outputs of ended commands within a budget: the oldest go first, their records stay.</summary>
/// <remarks>
/// A key whose output was dropped still says how its command ended and is never run again. What earlier guests have
/// kept is counted when the first command with output ends, not at start, which must be fast.
/// </remarks>
internal sealed class KeptOutput(string root, long? budget)
{
    private const long MaxBudget = 256L * 1024 * 1024;
    private const int ShareOfDisk = 8;

    private readonly Lock _lock = new();
    private readonly LinkedList<string> _oldestFirst = [];
    private readonly Dictionary<string, (LinkedListNode<string> Node, long Bytes)> _records = [];
    private long? _budget = budget;
    private long _total;
    private bool _counted;

    /// <summary>Counts a command that has ended, and makes room.</summary>
    public void Ended(string folderName, bool hasOutput)
    {
        if (!hasOutput)
            return;
        lock (_lock)
        {
            CountEarlier();
            Add(folderName, SizeOf(folderName));
            _budget ??= Math.Min(MaxBudget, new DriveInfo(root).TotalSize / ShareOfDisk);
            while (_total > _budget && _oldestFirst.First is { } oldest && oldest.Value != folderName)
                Drop(oldest.Value);
        }
    }

    public void Removed(string folderName)
    {
        lock (_lock)
            Forget(folderName);
    }

    private void CountEarlier()
    {
        if (_counted)
            return;
        _counted = true;
        var ended = new List<(long Time, string Name)>();
        foreach (var name in FileTree.Names(root))
        {
            if (FileSystem.Stat(Path.Combine(root, name, "end")) is { } end)
                ended.Add((end.Modified.UnixMilliseconds, name));
        }
        ended.Sort();
        foreach (var (_, name) in ended)
            Add(name, SizeOf(name));
    }

    private void Add(string name, long bytes)
    {
        if (bytes == 0 || _records.ContainsKey(name))
            return;
        _records.Add(name, (_oldestFirst.AddLast(name), bytes));
        _total += bytes;
    }

    private void Drop(string name)
    {
        FileSystem.RemoveFileIfAny(Path.Combine(root, name, "stdout"));
        FileSystem.RemoveFileIfAny(Path.Combine(root, name, "stderr"));
        Forget(name);
    }

    private void Forget(string name)
    {
        if (!_records.Remove(name, out var record))
            return;
        _oldestFirst.Remove(record.Node);
        _total -= record.Bytes;
    }

    private long SizeOf(string name) => SizeOf(name, "stdout") + SizeOf(name, "stderr");

    private long SizeOf(string name, string file) => (long)(FileSystem.Stat(Path.Combine(root, name, file))?.Size ?? 0);
}
