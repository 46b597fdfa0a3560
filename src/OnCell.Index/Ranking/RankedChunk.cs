namespace OnCell.Indexing.Ranking;

/// <summary>A chunk and its score, 0 to 1.</summary>
internal readonly record struct RankedChunk(int Slot, float Score);
