namespace OnCell.Indexing;

/// <summary>What one run of <see cref="CodeIndex.IndexAsync"/> did.</summary>
/// <param name="FilesSeen">How many files were candidates: regular, not ignored, matching the globs.</param>
/// <param name="FilesIndexed">How many were new or changed, and are now indexed.</param>
/// <param name="FilesUnchanged">How many were indexed already.</param>
/// <param name="FilesRemoved">How many left the index: deleted, ignored now, or no longer indexable.</param>
/// <param name="Chunks">How many chunks the whole index holds now.</param>
/// <param name="Lines">How many lines of text the whole index holds now.</param>
/// <param name="Skipped">How many entries were passed over, by reason (see <see cref="SkipReason"/>).</param>
/// <param name="Duration">How long the run took.</param>
public sealed record IndexReport(
    int FilesSeen,
    int FilesIndexed,
    int FilesUnchanged,
    int FilesRemoved,
    int Chunks,
    long Lines,
    IReadOnlyDictionary<string, int> Skipped,
    TimeSpan Duration);
