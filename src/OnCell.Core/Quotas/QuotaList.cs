using OnCell.Hosting;

namespace OnCell.Quotas;

/// <summary>The public verbs over <see cref="QuotaWatch"/>.</summary>
internal sealed class QuotaList(CellHost host) : IQuotas
{
    public Task<IReadOnlyList<QuotaInfo>> ListAsync(string customer, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        var quotas = host.Cells.Services.Quotas;
        var states = quotas.States(cell.Id, cell.Record.Quotas);
        return Task.FromResult<IReadOnlyList<QuotaInfo>>(
            quotas.StorageState(cell.Record.Quotas, cell.MeasureStorage()) is { } storage ? [.. states, storage] : states);
    }
}
