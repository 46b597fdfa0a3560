namespace OnCell.Client;

/// <summary>A customer's own quotas, each in the place of the service's. What is <see langword="null"/> is as the service's.</summary>
/// <remarks>To have no limit although the service has one, give a number that cannot be reached: a month has 744 hours at most.</remarks>
public sealed record CustomerQuotas
{
    /// <summary>Gets the hours in a calendar month (UTC) in which the cell's sandbox may run; 0 to 1,000,000.</summary>
    public double? ComputeHoursPerMonth { get; init; }

    /// <summary>Gets the tokens in a calendar month (UTC), sent and answered; not negative.</summary>
    public long? TokensPerMonth { get; init; }

    /// <summary>Gets the size of the cell's disk and its snapshots together, such as <c>50gb</c>.</summary>
    public string? Storage { get; init; }
}

/// <summary>A customer's quotas.</summary>
/// <param name="Own">Those that were set for it.</param>
/// <param name="Quotas">How far it is with all that hold.</param>
public sealed record QuotaState(CustomerQuotas Own, IReadOnlyList<UsageQuota> Quotas);
