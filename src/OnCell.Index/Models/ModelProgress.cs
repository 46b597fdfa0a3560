namespace OnCell.Indexing;

/// <summary>Where <see cref="ModelSource.GetAsync"/> stands.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Phase"><c>download</c>, <c>unpack</c>, <c>verify</c> or <c>done</c>.</param>
/// <param name="BytesDone">How many bytes of this phase are done; of a resumed download, those of earlier tries too.</param>
/// <param name="BytesTotal">How many bytes this phase has; -1 where the server does not say.</param>
public sealed record ModelProgress(string Name, string Phase, long BytesDone, long BytesTotal);
