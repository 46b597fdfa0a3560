namespace OnCell.Indexing;

/// <summary>Where a run of <see cref="CodeIndex.IndexAsync"/> stands.</summary>
/// <param name="Phase"><c>scan</c>, <c>index</c>, <c>merge</c>, <c>embed</c> (counts chunks) or <c>done</c>.</param>
/// <param name="FilesDone">How many files are done in this phase.</param>
/// <param name="FilesTotal">How many files this phase has, as far as known.</param>
/// <param name="Chunks">How many chunks this run has written so far.</param>
public sealed record IndexProgress(string Phase, int FilesDone, int FilesTotal, int Chunks);
