using Microsoft.Extensions.DependencyInjection;

namespace OnCell.Client.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData(null, null, "Address")]
    [InlineData("ftp://x/v1", null, "Address")]
    [InlineData("http://x/v1", "a b", "ApiKey")]
    public void What_cannot_be_is_named(string? address, string? key, string name)
    {
        var options = new OnCellClientOptions { Address = address is null ? null : new Uri(address), ApiKey = key };
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => OnCellClient.Create(options)).Message);
    }

    [Fact]
    public async Task The_factory_makes_a_client_with_key_and_retries()
    {
        await using var network = await BadNetwork.StartAsync(BadNetwork.Status(503), BadNetwork.Json("[]"));
        var address = network.Address;
        await using var services = new ServiceCollection()
            .AddOnCellClient(o =>
            {
                o.Address = address;
                o.ApiKey = "oc_factory";
                o.RetryDelay = TimeSpan.Zero;
            })
            .Services.BuildServiceProvider();
        Assert.Empty(await services.GetRequiredService<OnCellClient>().Customers.ListAsync());
        Assert.Equal(2, network.Asked.Count);
        Assert.Equal("Bearer oc_factory", network.Asked[0].Authorization);
    }

    [Fact]
    public void A_secret_is_in_no_text()
    {
        Assert.DoesNotContain("hunter2", new GitCredential("https://git.example.com/x", "u", "hunter2").ToString());
    }
}
