using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenAI;

namespace OnCell.Models.Providers;

/// <summary>Makes model clients from configuration.</summary>
internal static class ConfiguredModel
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long a pooled connection is used, so that a change of the provider's address is seen.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Their library takes no infinite time-out.</summary>
    private static readonly TimeSpan AnthropicTimeout = TimeSpan.FromDays(1);

    public static ModelRegistration Register(ModelProviderOptions options) =>
        new(options.Name, services => Create(options, services, Connections()), options.Model is "" ? [] : [options.Model]);

    /// <summary>Makes a client over given connections, which it owns.</summary>
    public static IChatClient Create(ModelProviderOptions options, IServiceProvider services, HttpMessageHandler connections)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("OnCell.Models");
        var handler = new ModelHttpHandler(options, connections, services.GetRequiredService<TimeProvider>(), logger);
        // How long a call may take is the caller's to say: LlmOptions.Timeout.
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        return new WholeAnswerClient(options.Kind switch
        {
            ModelKind.OpenAI => OpenAi(options, http),
            ModelKind.Anthropic => Anthropic(options, http),
            _ => throw new OnCellException(OnCellError.Invalid, $"OnCell:Models: \"{options.Kind}\" is not a kind of provider."),
        }, options.Name);
    }

    private static IChatClient OpenAi(ModelProviderOptions options, HttpClient http) => new OpenAIClient(
            new ApiKeyCredential(options.ApiKey is { Length: > 0 } key ? key : "none"),
            new OpenAIClientOptions
            {
                Endpoint = options.Endpoint,
                Transport = new HttpClientPipelineTransport(http),
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                NetworkTimeout = Timeout.InfiniteTimeSpan,
            })
        .GetChatClient(options.Model).AsIChatClient();

    private static IChatClient Anthropic(ModelProviderOptions options, HttpClient http) => new AnthropicClient
    {
        ApiKey = options.ApiKey ?? "none",
        BaseUrl = options.Endpoint?.ToString() ?? EnvironmentUrl.Production,
        HttpClient = http,
        MaxRetries = 0,
        Timeout = AnthropicTimeout,
    }.AsIChatClient(options.Model);

    private static SocketsHttpHandler Connections() =>
        new() { ConnectTimeout = ConnectTimeout, PooledConnectionLifetime = ConnectionLifetime };
}
