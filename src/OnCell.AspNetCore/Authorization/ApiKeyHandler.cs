using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.Access;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Knows callers by <c>Authorization: Bearer oc_…</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiKeyChecker checker)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "OnCell.ApiKey";

    private const string Bearer = "Bearer ";

    private OnCellException? _unavailable;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.NoResult());
        try
        {
            return Task.FromResult(checker.Check(header[Bearer.Length..].Trim()) is { } key
                ? AuthenticateResult.Success(new AuthenticationTicket(Principal(key, SchemeName), SchemeName))
                : AuthenticateResult.Fail("The API key is unknown, revoked or expired."));
        }
        catch (OnCellException e) when (e.Error == OnCellError.Unavailable)
        {
            // Which keys there are is not known until this process owns the data root: neither yes nor no.
            _unavailable = e;
            return Task.FromResult(AuthenticateResult.Fail(e.Message));
        }
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        if (_unavailable is { } unavailable)
        {
            Response.Headers.RetryAfter = "1";
            await AccessChallenge.WriteAsync(Context, StatusCodes.Status503ServiceUnavailable, unavailable.Message);
            return;
        }

        await AccessChallenge.UnauthorizedAsync(
            Context, result.Failure?.Message ?? "Send an API key: \"Authorization: Bearer oc_…\".");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => AccessChallenge.ForbiddenAsync(Context);

    /// <summary>The caller that a key stands for.</summary>
    public static ClaimsPrincipal Principal(ApiKey key, string scheme)
    {
        var identity = new ClaimsIdentity(scheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, $"key:{key.Id}"));
        identity.AddClaim(new Claim(ClaimTypes.Name, key.Name));
        identity.AddClaim(new Claim(OnCellClaims.Customer, key.Customer ?? OnCellClaims.AnyCustomer));
        foreach (var area in OnCellPolicies.All.Where(p => key.Areas.HasFlag(p.Area)))
            identity.AddClaim(AreaClaims.Of(area.Area));
        return new ClaimsPrincipal(identity);
    }
}
