using Microsoft.Extensions.DependencyInjection;

namespace OnCell.AspNetCore.Tests;

/// <summary>The 20-line sample does what its comment says.</summary>
public sealed class HelloCellTests
{
    [Fact]
    public async Task It_greets_and_counts()
    {
        await using var service = await (await Service.StartAsync(null, null, b => b.AddAgent<HelloAgent>())).ReadyAsync();
        await service.CreateAsync("acme");
        var first = (await service.RunAsync("acme", "greet", new { name = "Ada; id" }))!.GetValue<string>();
        Assert.StartsWith("Hello Ada; id from ", first);
        Assert.EndsWith("(greeting 1)", first);
        Assert.EndsWith("(greeting 2)", (await service.RunAsync("acme", "greet", new { name = "Bob" }))!.GetValue<string>());
    }
}
