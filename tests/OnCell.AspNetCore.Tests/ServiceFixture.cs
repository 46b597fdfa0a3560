[assembly: AssemblyFixture(typeof(OnCell.AspNetCore.Tests.ServiceFixture))]

namespace OnCell.AspNetCore.Tests;

/// <summary>One service with one customer, <c>acme</c>, for the tests that do not need their own.</summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    public Service Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await (await Service.StartAsync()).ReadyAsync();
        await Service.CreateAsync("acme");
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}
