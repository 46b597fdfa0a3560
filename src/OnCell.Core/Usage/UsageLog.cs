using OnCell.Hosting;

namespace OnCell.Usage;

/// <summary>The public verbs over <see cref="UsageTable"/>.</summary>
internal sealed class UsageLog(CellHost host) : IUsageLog
{
    public Task<IReadOnlyList<UsageRecord>> ReadAsync(
        string? customer, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(host.Cells.Services.Usage.Read(customer, since, until));
    }
}
