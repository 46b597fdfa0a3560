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

    /// <summary>Gets or sets how many snapshots of a volume are kept; with a new one beyond, the oldest is removed.</summary>
    /// <value>The default is 5; 1 to 1,000.</value>
    public int KeepSnapshots { get; set; } = 5;

    /// <summary>Gets or sets how long copying a volume may take, during which writes to it wait.</summary>
    /// <value>The default is 10 minutes.</value>
    /// <remarks>On btrfs and XFS blocks are shared and it takes milliseconds; elsewhere what is in use is copied.</remarks>
    public TimeSpan CopyTimeout { get; set; } = TimeSpan.FromMinutes(10);
}
