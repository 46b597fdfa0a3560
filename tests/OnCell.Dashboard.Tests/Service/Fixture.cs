[assembly: AssemblyFixture(typeof(OnCell.Dashboard.Tests.Fixture))]

namespace OnCell.Dashboard.Tests;

/// <summary>One service with one customer, <c>acme</c>, and one browser for all tests.</summary>
/// <remarks>The tests are one collection: a browser allows a site six connections, and each page holds one.</remarks>
public sealed class Fixture : IAsyncLifetime
{
    public Site Site { get; private set; } = null!;

    public Browser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Site = await Site.StartAsync();
        Browser = await Browser.StartAsync();
        await Site.CreateAsync("acme");
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        await Site.DisposeAsync();
    }
}
