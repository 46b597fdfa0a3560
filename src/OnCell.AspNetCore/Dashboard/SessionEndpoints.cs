using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Endpoints;
using OnCell.AspNetCore.Errors;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Dashboard;

/// <summary>Signing in with an API key, out, and who is signed in.</summary>
internal static class SessionEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var session = group.MapGroup("/session");
        session.AddEndpointFilter<ProblemFilter>();
        session.AddEndpointFilter<SameOriginFilter>();
        session.MapGet("", Who).RequireAuthorization(OnCellPolicies.Run);
        session.MapPost("", SignInAsync);
        session.MapDelete("", SignOut);
    }

    private static IResult Who(ClaimsPrincipal user, ApiAccess access) => JsonAnswer.Of(new
    {
        Name = user.Identity?.Name ?? access.Actor,
        Areas = user.FindAll(OnCellClaims.Area).Select(c => c.Value),
        CanSignOut = user.Identities.Any(i => i.AuthenticationType == DashboardSession.SchemeName),
    });

    private static async Task<IResult> SignInAsync(HttpContext context, IDataProtectionProvider protection, CancellationToken ct)
    {
        if (context.RequestServices.GetService<ApiKeyChecker>() is not { } keys)
            throw new OnCellException(OnCellError.NotFound, "This service knows no API keys. Sign in to the application itself.");
        var body = await JsonBody.ReadAsync<SignInBody>(context.Request, ct);
        var key = Ask.Required(body.Key, "key", "the API key");
        if (keys.Check(key) is null)
            return Problem.Of(context, StatusCodes.Status401Unauthorized, "The API key is unknown, revoked or expired.", "key");
        DashboardSession.SignIn(context, protection, key);
        return Results.NoContent();
    }

    private static IResult SignOut(HttpContext context)
    {
        DashboardSession.SignOut(context);
        return Results.NoContent();
    }

    private sealed record SignInBody(string? Key)
    {
        /// <summary>The key must not end up in a log.</summary>
        public override string ToString() => "a key";
    }
}
