namespace OnCell.Indexing.Chunking;

/// <summary>A run of lines that is indexed and found as one.</summary>
/// <param name="StartLine">The first line, counted from 0.</param>
/// <param name="EndLine">The last line, inclusive.</param>
/// <param name="Start">Where its text begins in the file's text.</param>
/// <param name="Length">How long its text is.</param>
internal readonly record struct Chunk(int StartLine, int EndLine, int Start, int Length);
