using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Models;
using OnCell.Models.Calls;

namespace OnCell.Core.Tests.Models.Wire;

/// <summary>A router as an application has it, with providers on loopback.</summary>
internal sealed class WireLab : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public WireLab(Action<OnCellOptions> configure, Action<IOnCellBuilder>? build = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var builder = services.AddOnCell(configure);
        build?.Invoke(builder);
        _services = services.BuildServiceProvider();
    }

    public ModelRouter Router => _services.GetRequiredService<ModelRouter>();

    public static ModelProviderOptions OpenAi(ProviderServer server, string name = "openai", string model = "gpt-test") => new()
    {
        Name = name,
        Kind = ModelKind.OpenAI,
        Model = model,
        Endpoint = new Uri(server.Address, "v1"),
        ApiKey = "sk-test-key",
    };

    public static ModelProviderOptions Anthropic(ProviderServer server, string name = "anthropic", string model = "claude-test") => new()
    {
        Name = name,
        Kind = ModelKind.Anthropic,
        Model = model,
        Endpoint = server.Address,
        ApiKey = "sk-test-key",
    };

    public Task<ModelAnswer> AskAsync(string prompt, string? model = null, bool stream = true, Action<string?>? onText = null, bool localOnly = false) =>
        Router.AskAsync(
            new ModelRequest(model, [new ChatMessage(ChatRole.User, prompt)], new ChatOptions { MaxOutputTokens = 100 }, "run/1/2.3")
            {
                Stream = stream,
                OnText = onText,
                LocalOnly = localOnly,
            },
            TestContext.Current.CancellationToken);

    public async Task<ModelException> FailAsync(string? model = null, bool stream = true) =>
        await Assert.ThrowsAsync<ModelException>(() => AskAsync("hi", model, stream));

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
