using OnCell.Hosting;

namespace OnCell.Secrets;

/// <summary>The public verbs over <see cref="SecretStore"/>.</summary>
internal sealed class SecretManager(CellHost host) : ISecretManager
{
    public Task<SecretInfo> SetAsync(string? customer, string name, string value, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Store(customer).Set(customer, name, value));
    }

    public Task<IReadOnlyList<SecretInfo>> ListAsync(string? customer, CancellationToken cancellationToken) =>
        Task.FromResult(Store(customer).List(customer));

    public Task<bool> DeleteAsync(string? customer, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Store(customer).Delete(customer, name));
    }

    private SecretStore Store(string? customer)
    {
        if (customer is not null) host.Cells.Get(customer);
        return host.Cells.Services.Secrets;
    }
}
