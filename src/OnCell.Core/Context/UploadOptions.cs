namespace OnCell;

/// <summary>How something is brought into a cell.</summary>
public sealed record UploadOptions
{
    /// <summary>Gets how much it may be, in bytes.</summary>
    /// <value>The default is 1 GiB.</value>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Gets the SHA-256 that it must have, in hex; or <see langword="null"/>.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Gets how long one try may take.</summary>
    /// <value>The default is 30 minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets how often it is tried where the other side breaks off or answers 5xx.</summary>
    /// <value>The default is 3.</value>
    public int MaxAttempts { get; init; } = 3;
}

/// <summary>What was brought into a cell.</summary>
/// <param name="Bytes">How much it was.</param>
/// <param name="Sha256">Its SHA-256, in hex.</param>
public sealed record UploadReport(long Bytes, string Sha256);
