namespace OnCell.Access;

/// <summary>An API key as it is kept: never the key itself.</summary>
internal sealed record ApiKey
{
    /// <summary>Gets the public part, by which it is found, listed and revoked.</summary>
    public required string Id { get; init; }

    /// <summary>Gets what people call it; the audit log names it.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the SHA-256 of the secret part, which is 256 random bits: a slow hash would add nothing.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Gets the one customer it is for; <see langword="null"/> for all.</summary>
    public string? Customer { get; init; }

    public required OnCellArea Areas { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Expires { get; init; }
}
