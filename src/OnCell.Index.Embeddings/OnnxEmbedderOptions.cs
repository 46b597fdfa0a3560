namespace OnCell.Indexing.Embeddings;

/// <summary>How an <see cref="OnnxEmbedder"/> runs.</summary>
public sealed record OnnxEmbedderOptions
{
    /// <summary>Gets how many tokens of a text are looked at; the rest is cut off.</summary>
    /// <value>The default is 128, with which all-MiniLM-L6-v2 was trained; the range is 8 to 512. Time grows in proportion.</value>
    public int MaxTokens { get; init; } = 128;

    /// <summary>Gets how many threads one call uses.</summary>
    /// <value>The default is half of the processors, at least one: the service beside it needs some too.</value>
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);
}
