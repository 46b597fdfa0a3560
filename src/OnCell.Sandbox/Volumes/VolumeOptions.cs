namespace OnCell.Sandboxes;

/// <summary>How volumes are kept on the host.</summary>
public sealed class VolumeOptions
{
    /// <summary>Gets or sets the free bytes of the host's disk below which no new volume is made.</summary>
    /// <value>The default is 1 GiB; not negative.</value>
    /// <remarks>Volumes are sparse, so together they may promise more than the disk has; this keeps a reserve for those that run.</remarks>
    public long MinimumFreeBytes { get; set; } = 1L << 30;

    /// <summary>Gets or sets the free bytes of the host's disk below which each start logs a warning.</summary>
    /// <value>The default is 5 GiB.</value>
    public long WarnFreeBytes { get; set; } = 5L << 30;

    /// <summary>Gets or sets how long making a file system may take.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan FormatTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
