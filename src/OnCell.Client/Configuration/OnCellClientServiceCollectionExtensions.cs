using Microsoft.Extensions.Options;
using OnCell.Client;
using OnCell.Client.Transport;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client of OnCell's HTTP API to an application.</summary>
public static class OnCellClientServiceCollectionExtensions
{
    /// <summary>Adds <see cref="OnCellClient"/> over the HTTP client factory.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the address, the key and the limits.</param>
    /// <returns>The HTTP client's builder, for handlers of your own.</returns>
    public static IHttpClientBuilder AddOnCellClient(this IServiceCollection services, Action<OnCellClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<OnCellClientOptions>().Configure(configure).PostConfigure(options => options.Validate());
        return services
            .AddHttpClient<OnCellClient>((sp, http) => Options(sp).ApplyTo(http))
            .AddHttpMessageHandler(sp => new RetryHandler(Options(sp), sp.GetService<TimeProvider>() ?? TimeProvider.System));
    }

    private static OnCellClientOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<OnCellClientOptions>>().Value;
}
