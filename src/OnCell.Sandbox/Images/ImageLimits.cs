namespace OnCell.Sandboxes.Images;

/// <summary>How much an imported image may be. Archives come from strangers: whatever they say of themselves is checked against these.</summary>
public sealed class ImageLimits
{
    /// <summary>Gets or sets the largest size of all layers together, unpacked, in bytes.</summary>
    /// <value>The default is 20 GiB.</value>
    public long UnpackedBytes { get; set; } = 20L << 30;

    /// <summary>Gets or sets the largest size of the archive, decompressed but not unpacked, in bytes.</summary>
    /// <value>The default is 20 GiB.</value>
    public long ArchiveBytes { get; set; } = 20L << 30;

    /// <summary>Gets or sets the largest number of entries of all layers together.</summary>
    /// <value>The default is 2,000,000.</value>
    public int Entries { get; set; } = 2_000_000;

    /// <summary>Gets or sets the largest number of layers.</summary>
    /// <value>The default is 256.</value>
    public int Layers { get; set; } = 256;
}
