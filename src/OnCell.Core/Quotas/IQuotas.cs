namespace OnCell;

/// <summary>How far customers are with what they may use: <see cref="OnCellOptions.Quotas"/>.</summary>
public interface IQuotas
{
    /// <summary>Lists a customer's quotas and what of them is used in this month.</summary>
    Task<IReadOnlyList<QuotaInfo>> ListAsync(string customer, CancellationToken cancellationToken);
}

/// <summary>How far a customer is with a quota in this calendar month, UTC.</summary>
/// <param name="Quota">The quota's name, such as <c>tokensPerMonth</c>.</param>
/// <param name="Limit">How much there is.</param>
/// <param name="Used">How much is used.</param>
public sealed record QuotaInfo(string Quota, double Limit, double Used);
