using OnCell.Indexing.Scanning;

namespace OnCell.Indexing.Storage;

/// <summary>What the index knows of a file, for change detection.</summary>
internal sealed record StoredFile(long Id, FileStamp Stamp, byte[] Hash, long FirstChunk, int ChunkCount);
