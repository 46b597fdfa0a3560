namespace OnCell;

/// <summary>A customer's own quotas, each in the place of the service's (<see cref="OnCellOptions.Quotas"/>). What is <see langword="null"/> is as the service's.</summary>
/// <remarks>To have no limit although the service has one, give a number that cannot be reached: a month has 744 hours at most.</remarks>
public sealed record CustomerQuotas
{
    /// <summary>Gets the hours in a calendar month (UTC) in which the cell's sandbox may run; 0 to 1,000,000.</summary>
    public double? ComputeHoursPerMonth { get; init; }

    /// <summary>Gets the tokens in a calendar month (UTC), sent and answered; not negative.</summary>
    public long? TokensPerMonth { get; init; }

    /// <summary>Gets the size of the cell's disk (<see cref="CellSpec.Storage"/>) and its snapshots together, such as <c>50gb</c>.</summary>
    public string? Storage { get; init; }

    /// <summary>Gets whether all quotas are the service's.</summary>
    internal bool IsEmpty => this == Empty;

    internal static CustomerQuotas Empty { get; } = new();
}
