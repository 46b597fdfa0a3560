using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.AspNetCore.Authorization;

namespace OnCell.AspNetCore.Dashboard;

/// <summary>
/// Knows a browser by the cookie that it got for its API key. The cookie holds the key, sealed; the key is checked each time,
/// so that one that is revoked ends its sessions at once. It counts on the dashboard's own routes only, never on the API's.
/// </summary>
internal sealed class DashboardSession(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiKeyChecker keys,
    IDataProtectionProvider protection)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "OnCell.Dashboard";

    private const string CookieName = "oncell-dashboard";

    /// <summary>How long a browser stays signed in.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>Gives a browser a session for a key that was checked.</summary>
    public static void SignIn(HttpContext context, IDataProtectionProvider protection, string key) =>
        context.Response.Cookies.Append(CookieName, Protector(protection).Protect(key, Life), Cookie(context));

    public static void SignOut(HttpContext context) => context.Response.Cookies.Delete(CookieName, Cookie(context));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.GetEndpoint()?.Metadata.GetMetadata<DashboardRoute>() is null || Request.Cookies[CookieName] is not { } cookie)
            return Task.FromResult(AuthenticateResult.NoResult());
        try
        {
            return Task.FromResult(keys.Check(Protector(protection).Unprotect(cookie)) is { } key
                ? AuthenticateResult.Success(new AuthenticationTicket(ApiKeyHandler.Principal(key, SchemeName), SchemeName))
                : AuthenticateResult.Fail("The API key of this session is revoked or expired. Sign in again."));
        }
        catch (CryptographicException)
        {
            return Task.FromResult(AuthenticateResult.Fail("The session is over. Sign in again."));
        }
        catch (OnCellException e) when (e.Error == OnCellError.Unavailable)
        {
            return Task.FromResult(AuthenticateResult.Fail(e.Message));
        }
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        await AccessChallenge.UnauthorizedAsync(Context, result.Failure?.Message ?? "Sign in with an API key.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => AccessChallenge.ForbiddenAsync(Context);

    private static ITimeLimitedDataProtector Protector(IDataProtectionProvider protection) =>
        protection.CreateProtector("OnCell.Dashboard.Session.v1").ToTimeLimitedDataProtector();

    /// <summary>Sent with requests from the dashboard's own pages to the dashboard's own routes, and readable by no script.</summary>
    private static CookieOptions Cookie(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + context.Request.Path.Value![..context.Request.Path.Value!.LastIndexOf('/')],
        MaxAge = Life,
        IsEssential = true,
    };
}

/// <summary>Marks the dashboard's routes.</summary>
internal sealed class DashboardRoute;
