using OnCell.Indexing.Languages;
using OnCell.Indexing.Scanning;

namespace OnCell.Indexing;

/// <summary>A file, read and cut, ready to be written to the index.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="Stamp">Its stamp when it was opened.</param>
/// <param name="Hash">The xxHash128 of its bytes.</param>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="Chunks">Its chunks, in order.</param>
/// <param name="Signatures">Their trigram signatures, one after another.</param>
internal sealed record FileDocument(
    string Path, FileStamp Stamp, byte[] Hash, int Lines, int Bytes, IReadOnlyList<ChunkDocument> Chunks, byte[] Signatures);

/// <summary>A chunk with its terms.</summary>
/// <param name="StartLine">The first line, counted from 1.</param>
/// <param name="EndLine">The last line, inclusive.</param>
/// <param name="Content">Its text.</param>
/// <param name="Length">How many words it has.</param>
/// <param name="Terms">Its terms and how often it has each.</param>
/// <param name="Definitions">What it defines.</param>
internal sealed record ChunkDocument(
    int StartLine,
    int EndLine,
    string Content,
    int Length,
    KeyValuePair<ulong, int>[] Terms,
    IReadOnlyList<Definition> Definitions);
