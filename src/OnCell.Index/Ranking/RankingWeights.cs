namespace OnCell.Indexing.Ranking;

/// <summary>The constants of the ranking: one set for every language and repository.</summary>
internal sealed record RankingWeights
{
    public static RankingWeights Default { get; } = new();

    /// <summary>BM25's saturation and length normalisation of chunks.</summary>
    public float K1 { get; init; } = 1.3f;
    public float B { get; init; } = 0.65f;

    /// <summary>The same of whole files.</summary>
    public float FileK1 { get; init; } = 1.5f;
    public float FileB { get; init; } = 0.4f;

    /// <summary>
    /// What a whole identifier counts beside its parts, where the query has one, or two words that make one in the code.
    /// </summary>
    public float Name { get; init; } = 2.0f;
    public float Compound { get; init; } = 0.25f;

    /// <summary>What a part or the whole of a defined name counts.</summary>
    public float DefinedPart { get; init; } = 0.5f;
    public float DefinedWord { get; init; } = 0.8f;
    public float DefinedCompound { get; init; } = 1.0f;

    /// <summary>What a part or the whole of the file's name counts.</summary>
    public float FilePart { get; init; } = 2.0f;
    public float FileWord { get; init; } = 2.2f;
    public float FileCompound { get; init; } = 2.0f;
    public float Folder { get; init; } = 0.3f;

    /// <summary>How much a file's name loses by words that the query does not have.</summary>
    public float NamePrecision { get; init; } = 0.33f;

    /// <summary>What a longer file is preferred by, per e-fold.</summary>
    public float SizePrior { get; init; } = 0.05f;

    /// <summary>What the file as a whole counts beside its best chunk.</summary>
    public float Coherence { get; init; } = 0.4f;

    /// <summary>
    /// What the file with the nearest chunk by vector earns, as a share of the best score by words; the others less, by the cosine of their
    /// nearest chunk among so many.
    /// </summary>
    public float Dense { get; init; } = 0.15f;
    public int DenseCandidates { get; init; } = 300;

    /// <summary>What each further chunk of a file is multiplied with.</summary>
    public float SameFileDecay { get; init; } = 0.3f;
}
