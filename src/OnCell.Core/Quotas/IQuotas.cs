namespace OnCell;

/// <summary>How far customers are with what they may use: <see cref="OnCellOptions.Quotas"/>, or quotas of their own.</summary>
/// <remarks>They are set with the customer (<see cref="CustomerRequest.Quotas"/>), or later by <see cref="ICellManager.SetQuotasAsync"/>.</remarks>
public interface IQuotas
{
    /// <summary>Lists a customer's quotas and what of them is used, in this month where it is one of a month.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OnCellException">There is no such customer.</exception>
    Task<IReadOnlyList<QuotaInfo>> ListAsync(string customer, CancellationToken cancellationToken);
}

/// <summary>How far a customer is with a quota.</summary>
/// <param name="Quota">The quota's name: <c>computeHoursPerMonth</c>, <c>tokensPerMonth</c> or <c>storage</c>.</param>
/// <param name="Limit">How much there is; of storage in bytes.</param>
/// <param name="Used">How much is used; of storage in bytes.</param>
public sealed record QuotaInfo(string Quota, double Limit, double Used)
{
    /// <summary>Gets whether it was set for this customer; else it is the service's for each.</summary>
    public bool Own { get; init; }

    /// <summary>Gets when it begins anew, for a quota of the calendar month (UTC).</summary>
    public DateTimeOffset? Until { get; init; }
}
