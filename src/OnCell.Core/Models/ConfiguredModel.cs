using System.ClientModel;
using Anthropic;
using Microsoft.Extensions.AI;
using OpenAI;

namespace OnCell.Models;

/// <summary>Makes model clients from configuration.</summary>
internal static class ConfiguredModel
{
    public static ModelRegistration Register(ModelProviderOptions options) =>
        new(options.Name, _ => Create(options), options.Model is null ? [] : [options.Model]);

    private static IChatClient Create(ModelProviderOptions options) => options.Kind switch
    {
        ModelKind.OpenAI => new OpenAIClient(
                new ApiKeyCredential(options.ApiKey ?? "none"),
                options.Endpoint is null ? null : new OpenAIClientOptions { Endpoint = options.Endpoint })
            .GetChatClient(options.Model).AsIChatClient(),
        ModelKind.Anthropic => (options.Endpoint is null
                ? new AnthropicClient { ApiKey = options.ApiKey }
                : new AnthropicClient { ApiKey = options.ApiKey, BaseUrl = options.Endpoint.ToString() })
            .AsIChatClient(options.Model),
        _ => throw new OnCellException(OnCellError.Invalid, $"OnCell:Models: \"{options.Kind}\" is not a kind of provider."),
    };
}
