using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OnCell;
using OnCell.AspNetCore;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Dashboard;
using OnCell.AspNetCore.Idempotency;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Says who may call the API. Without one of these, <c>MapOnCell</c> refuses: nothing is reachable by default.</summary>
public static class OnCellAuthorizationBuilderExtensions
{
    /// <summary>Accepts the application's own users: those with the claims of <see cref="OnCellClaims"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="schemes">The authentication schemes whose users are accepted; none for the application's default scheme.</param>
    public static IOnCellBuilder AddApiAuthorization(this IOnCellBuilder builder, params string[] schemes)
    {
        builder.Services.AddAuthorization();
        builder.Services.AddOptions<ApiAuthorizationOptions>().Configure(o => o.Schemes.UnionWith(schemes));
        builder.Services.TryAddSingleton<ApiAuthorizationMarker>();
        builder.Services.TryAddSingleton<AnswerStore>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<AuthorizationOptions>, ApiPolicies>());
        return builder;
    }

    /// <summary>Accepts API keys, <c>Authorization: Bearer oc_…</c>, kept as hashes: one for each customer, manager or administrator.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options; the section <c>OnCell</c> of the configuration is read first.</param>
    public static IOnCellBuilder AddApiKeys(this IOnCellBuilder builder, Action<OnCellApiKeyOptions>? configure = null)
    {
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<OnCellApiKeyOptions>()
            .Configure<IConfiguration>((o, configuration) => o.AdministratorKey = configuration["OnCell:AdministratorKey"])
            .Configure(configure ?? (_ => { }));
        services.TryAddSingleton<IValidateOptions<OnCellApiKeyOptions>, OnCellApiKeyOptionsValidator>();
        services.TryAddSingleton<ApiKeyChecker>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, FirstKey>());
        return builder.AddScheme<ApiKeyHandler>(ApiKeyHandler.SchemeName).AddScheme<DashboardSession>(DashboardSession.SchemeName);
    }

    /// <summary>Takes everybody on this machine for an administrator: for a machine of your own, and for trying things out.</summary>
    /// <remarks>
    /// A request must come from a loopback address, by a loopback name, without a proxy's headers and not from another
    /// site's page. Never use it where people whom you do not trust can log in, or behind a proxy on the same machine.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    public static IOnCellBuilder AddLoopbackAccess(this IOnCellBuilder builder) =>
        builder.AddScheme<LoopbackHandler>(LoopbackHandler.SchemeName);

    private static IOnCellBuilder AddScheme<THandler>(this IOnCellBuilder builder, string name)
        where THandler : AuthenticationHandler<AuthenticationSchemeOptions>
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(THandler))) return builder;
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, THandler>(name, null);
        return builder.AddApiAuthorization(name);
    }
}
