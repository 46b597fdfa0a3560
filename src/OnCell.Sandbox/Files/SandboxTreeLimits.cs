namespace OnCell.Sandboxes;

/// <summary>How much a tree of files may have that is carried in or out of a sandbox as a tar archive.</summary>
public sealed record SandboxTreeLimits
{
    /// <summary>Gets how many files, folders and links it may have.</summary>
    /// <value>The default is 200,000; positive.</value>
    public int Entries { get; init; } = 200_000;

    /// <summary>Gets how many bytes all its files together may have.</summary>
    /// <value>The default is 4 GiB; not negative.</value>
    public long Bytes { get; init; } = 4L << 30;
}
