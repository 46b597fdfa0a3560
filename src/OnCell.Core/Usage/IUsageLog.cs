namespace OnCell;

/// <summary>What customers used, in records that a bill can be made of. They stay when the customer is deleted.</summary>
/// <remarks>
/// Written every ten seconds: a crash of the service loses at most that much, and never counts twice. Tokens are counted
/// where a model answered, not where an answer is repeated from the journal.
/// </remarks>
public interface IUsageLog
{
    /// <summary>Reads records by customer, hour and meter, up to the last full write.</summary>
    /// <param name="customer">The customer; <see langword="null"/> for all.</param>
    /// <param name="since">From which hour on.</param>
    /// <param name="until">Until when, that moment excluded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<UsageRecord>> ReadAsync(
        string? customer, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);
}

/// <summary>What a customer used of something in one hour.</summary>
/// <param name="Customer">The customer.</param>
/// <param name="Hour">The hour's beginning, UTC.</param>
/// <param name="Meter">What: one of <see cref="UsageMeters"/>.</param>
/// <param name="Amount">How much, in the unit of the meter's name.</param>
public sealed record UsageRecord(string Customer, DateTimeOffset Hour, string Meter, double Amount);
