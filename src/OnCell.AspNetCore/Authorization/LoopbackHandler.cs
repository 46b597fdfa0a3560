using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Takes whoever is on this machine for an administrator. Not a browser that another site sent here.</summary>
internal sealed class LoopbackHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "OnCell.Loopback";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(IsLocal(Request)
            ? AuthenticateResult.Success(new AuthenticationTicket(Administrator(), SchemeName))
            : AuthenticateResult.NoResult());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        AccessChallenge.UnauthorizedAsync(Context, "This API serves callers on its own machine only, by http://localhost or 127.0.0.1.");

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => AccessChallenge.ForbiddenAsync(Context);

    /// <summary>
    /// The connection is local and direct, the name it was opened for is this machine's (else a foreign name was bound to
    /// 127.0.0.1), and no other site's page made it.
    /// </summary>
    private static bool IsLocal(HttpRequest request) =>
        request.HttpContext.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("Forwarded")
        && IsLocalName(request.Host.Host)
        && request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
        && (request.Headers.Origin.ToString() is "" || IsOwnOrigin(request));

    private static bool IsOwnOrigin(HttpRequest request) =>
        string.Equals(request.Headers.Origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    private static bool IsLocalName(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static ClaimsPrincipal Administrator()
    {
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, "loopback"));
        identity.AddClaim(new Claim(OnCellClaims.Customer, OnCellClaims.AnyCustomer));
        foreach (var (_, area) in OnCellPolicies.All) identity.AddClaim(AreaClaims.Of(area));
        return new ClaimsPrincipal(identity);
    }
}
