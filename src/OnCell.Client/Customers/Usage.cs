namespace OnCell.Client;

/// <summary>What a customer used in a time.</summary>
/// <param name="Since">From this time on.</param>
/// <param name="Until">Before this time.</param>
/// <param name="Totals">The sums by meter, such as <c>cpu_seconds</c> or <c>input_tokens</c>.</param>
/// <param name="Quotas">What is limited, and how much of it is used this month.</param>
/// <param name="Records">The amounts by hour.</param>
public sealed record Usage(
    DateTimeOffset Since, DateTimeOffset Until, IReadOnlyDictionary<string, double> Totals,
    IReadOnlyList<UsageQuota> Quotas, IReadOnlyList<UsageHour> Records);

/// <summary>A limit.</summary>
/// <param name="Quota">What is limited: <c>computeHoursPerMonth</c>, <c>tokensPerMonth</c> or <c>storage</c>.</param>
/// <param name="Limit">The limit; of storage in bytes.</param>
/// <param name="Used">How much is used; of storage in bytes.</param>
public sealed record UsageQuota(string Quota, double Limit, double Used)
{
    /// <summary>Gets whether it was set for this customer; else it is the service's for each.</summary>
    public bool Own { get; init; }

    /// <summary>Gets when it begins anew, for a quota of the calendar month (UTC).</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>An hour's amount of one meter.</summary>
/// <param name="Hour">When the hour begins.</param>
/// <param name="Meter">What is counted.</param>
/// <param name="Amount">How much, in the meter's unit.</param>
public sealed record UsageHour(DateTimeOffset Hour, string Meter, double Amount);
