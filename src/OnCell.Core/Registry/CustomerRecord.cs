namespace OnCell.Registry;

/// <summary>A customer's row in the registry.</summary>
internal sealed record CustomerRecord
{
    public required string Id { get; init; }

    public required string Agent { get; init; }

    /// <summary>Gets the environment whose deployed agents are the customer's.</summary>
    public string Environment { get; init; } = Placement.Production;

    public required IReadOnlyDictionary<string, string> Config { get; init; }

    /// <summary>Gets the git credentials, encrypted.</summary>
    public required byte[] ProtectedGitCredentials { get; init; }

    /// <summary>Gets its own quotas; <see langword="null"/> where it has none.</summary>
    public CustomerQuotas? Quotas { get; init; }

    public required CellState State { get; init; }

    public PauseTier? Tier { get; init; }

    public string? Reason { get; init; }

    /// <summary>Gets the customer of whose cell this one is a fork; its disk is then a copy, and no setup is run.</summary>
    public string? Origin { get; init; }

    /// <summary>Gets the snapshot of the origin that is copied; none for its disk as it is.</summary>
    public string? OriginSnapshot { get; init; }

    /// <summary>Gets whether its journal may hold runs that have not ended; then a starting service takes them up.</summary>
    public bool Busy { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Changed { get; init; }
}
