using OnCell.Hosting;

namespace OnCell.Quotas;

/// <summary>The public verbs over <see cref="QuotaWatch"/>.</summary>
internal sealed class QuotaList(CellHost host) : IQuotas
{
    public Task<IReadOnlyList<QuotaInfo>> ListAsync(string customer, CancellationToken cancellationToken) =>
        Task.FromResult(host.Cells.Services.Quotas.States(host.Cells.Get(customer).Id));
}
