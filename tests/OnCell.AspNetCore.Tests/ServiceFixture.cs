[assembly: AssemblyFixture(typeof(OnCell.AspNetCore.Tests.ServiceFixture))]
[assembly: AssemblyFixture(typeof(OnCell.AspNetCore.Tests.InProcessFixture))]

namespace OnCell.AspNetCore.Tests;

/// <summary>One service with one customer, <c>acme</c>, for the tests that do not need their own.</summary>
public class ServiceFixture : IAsyncLifetime
{
    public Service Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await (await StartAsync()).ReadyAsync();
        await Service.CreateAsync("acme");
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Service.DisposeAsync();
    }

    protected virtual Task<Service> StartAsync() => Service.StartAsync();
}

/// <summary>The same in a <c>WebApplicationFactory</c>, as applications test themselves: no socket, no Kestrel.</summary>
public sealed class InProcessFixture : ServiceFixture
{
    protected override Task<Service> StartAsync() => Service.StartInProcessAsync();
}
