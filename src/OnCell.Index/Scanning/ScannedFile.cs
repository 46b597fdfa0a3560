namespace OnCell.Indexing.Scanning;

/// <summary>A candidate file of a scan.</summary>
/// <param name="Path">Relative to the root, with <c>/</c> between folders.</param>
/// <param name="Stamp">Its size and time when it was listed.</param>
internal readonly record struct ScannedFile(string Path, FileStamp Stamp);

/// <summary>What a scan found.</summary>
internal sealed class ScanResult
{
    public List<ScannedFile> Files { get; } = [];

    public SkipCounts Skipped { get; } = new();
}

/// <summary>Counts skipped entries by reason.</summary>
internal sealed class SkipCounts
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public void Add(string reason) => _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
}
