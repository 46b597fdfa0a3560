using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace OnCell.AspNetCore.Authorization;

/// <summary>The schemes whose callers the API's policies accept.</summary>
internal sealed class ApiAuthorizationOptions
{
    public HashSet<string> Schemes { get; } = new(StringComparer.Ordinal);
}

/// <summary>Adds the policies that the application has not defined itself.</summary>
internal sealed class ApiPolicies(IOptions<ApiAuthorizationOptions> api) : IPostConfigureOptions<AuthorizationOptions>
{
    public void PostConfigure(string? name, AuthorizationOptions options)
    {
        foreach (var (policy, area) in OnCellPolicies.All)
        {
            if (options.GetPolicy(policy) is not null) continue;
            options.AddPolicy(policy, new AuthorizationPolicyBuilder([.. api.Value.Schemes])
                .RequireAuthenticatedUser()
                .RequireAssertion(context => AreaClaims.Has(context.User, area))
                .Build());
        }
    }
}

/// <summary>Tells <c>MapOnCell</c> that the application has said who may call.</summary>
internal sealed class ApiAuthorizationMarker;
