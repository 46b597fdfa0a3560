using System.Security.Claims;
using OnCell.Access;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>The body of <c>POST /keys</c>.</summary>
internal sealed record CreateKeyBody(string? Name, string? Customer, List<string>? Areas, DateTimeOffset? Expires)
{
    /// <exception cref="OnCellException">An area is missing or unknown, or does not fit a key of one customer.</exception>
    public OnCellArea ToAreas()
    {
        if (Areas is not { Count: > 0 }) throw Ask.Invalid("areas", "The body has no \"areas\": run, manage, deploy.");
        var areas = Areas.Aggregate(OnCellArea.None, (all, name) =>
            all | (AreaClaims.Find(name) ?? throw Ask.Invalid("areas", "An area is one of run, manage, deploy.")));
        return Customer is not null && areas.HasFlag(OnCellArea.Deploy)
            ? throw Ask.Invalid("areas", "The area deploy is an administrator's: such a key is for all customers.")
            : areas;
    }
}

/// <summary>An API key without its secret part.</summary>
internal sealed record KeyView(
    string Id, string Name, string? Customer, IReadOnlyList<string> Areas, DateTimeOffset Created, DateTimeOffset? Expires)
{
    public static KeyView From(ApiKey key) =>
        new(key.Id, key.Name, key.Customer, AreaClaims.ToNames(key.Areas), key.Created, key.Expires);
}

/// <summary>A key just made. Its text is shown once.</summary>
internal sealed record NewKeyView(KeyView Key, string Text);

/// <summary>Who calls: what the dashboard and the command line show and decide by.</summary>
internal sealed record WhoView(string Actor, string? Name, IReadOnlyList<string> Customers, IReadOnlyList<string> Areas)
{
    public static WhoView From(ApiAccess access, ClaimsPrincipal user) => new(
        access.Actor,
        user.Identity?.Name,
        [.. user.FindAll(OnCellClaims.Customer).Select(c => c.Value)],
        [.. user.FindAll(OnCellClaims.Area).Select(c => c.Value)]);
}
