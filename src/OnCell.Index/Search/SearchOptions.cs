namespace OnCell.Indexing;

/// <summary>How <see cref="CodeIndex.SearchAsync"/> answers.</summary>
public sealed record SearchOptions
{
    internal const int MaxTopK = 1_000;

    /// <summary>Gets how many hits are wanted at most.</summary>
    /// <value>The default is 10; the range is 1 to 1,000.</value>
    public int TopK { get; init; } = 10;

    /// <summary>Gets the score below which hits are left out.</summary>
    /// <value>The default is 0 (nothing is left out); the range is 0 to 1.</value>
    public double MinScore { get; init; }
}
