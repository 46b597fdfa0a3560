using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Models;
using OnCell.Models.Calls;
using OnCell.Tests;

namespace OnCell.LLamaSharp.Tests.InProcess;

public sealed class AddLLamaSharpModelTests
{
    [Fact]
    public async Task An_air_gapped_cell_may_ask_it_and_no_other()
    {
        var weights = await EngScript.FetchChatModelAsync(TestContext.Current.CancellationToken);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOnCell(o => o.DefaultModel = "outside")
            .AddModel("outside", _ => throw new InvalidOperationException("asked"))
            .AddLLamaSharpModel("tiny", o => (o.Weights, o.ContextTokens) = (weights, 512));
        await using var provider = services.BuildServiceProvider();
        var router = provider.GetRequiredService<ModelRouter>();

        var answer = await AskAsync(router, null);
        Assert.Equal("tiny", answer.Provider);
        Assert.NotEmpty(answer.Response.Text);
        Assert.Equal(ModelFailure.AirGapped, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(router, "outside"))).Failure);
    }

    private static Task<ModelAnswer> AskAsync(ModelRouter router, string? model) => router.AskAsync(
        new ModelRequest(model, [new ChatMessage(ChatRole.User, "Say hello.")], new ChatOptions { MaxOutputTokens = 4 }, "key") { LocalOnly = true },
        TestContext.Current.CancellationToken);
}
