using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.Hosting;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>API keys: make, list, revoke. An administrator's right: whoever makes keys can make any.</summary>
internal static class KeyEndpoints
{
    private const int MaxNameLength = 200;

    public static void Map(RouteGroupBuilder group)
    {
        var keys = group.MapGroup("/keys").RequireAuthorization(OnCellPolicies.Deploy).WithTags("keys");
        keys.MapPost("", CreateAsync).Describe("keys.create", "Makes an API key, which is shown once.").Takes<CreateKeyBody>().Produces<NewKeyView>(StatusCodes.Status201Created);
        keys.MapGet("", List).Describe("keys.list", "Lists API keys, without the keys themselves.").Queries(("customer", "Only keys of this customer.")).Pages();
        keys.MapDelete("/{key}", Delete).Describe("keys.delete", "Revokes an API key at once.").Produces(StatusCodes.Status204NoContent);
        group.MapGet("/me", (ApiAccess access, HttpContext context) => WhoView.From(access, context.User))
            .RequireAuthorization(OnCellPolicies.Run).Describe("me", "Says who calls, and what the caller may do.").WithTags("keys");
    }

    private static async Task<IResult> CreateAsync(
        HttpRequest request, ApiAccess access, ICellManager cells, CellHost host, TimeProvider time, CancellationToken ct)
    {
        access.DemandAll("Making API keys");
        var body = await JsonBody.ReadAsync<CreateKeyBody>(request, ct);
        var name = Ask.Required(body.Name, "name", "what the key is for");
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
            throw Ask.Invalid("name", $"\"name\" has 1 to {MaxNameLength} characters, none of them a control character.");
        if (body.Customer is { } customer) await cells.GetAsync(customer, ct);
        if (body.Expires <= time.GetUtcNow()) throw Ask.Invalid("expires", "\"expires\" is in the past.");
        var (key, text) = host.Cells.Services.ApiKeys.Create(name, body.Customer, body.ToAreas(), body.Expires);
        return JsonAnswer.At(
            request, $"{request.PathBase}{request.Path}/{key.Id}", new NewKeyView(KeyView.From(key), text), StatusCodes.Status201Created);
    }

    private static IReadOnlyList<KeyView> List(HttpRequest request, ApiAccess access, CellHost host)
    {
        access.DemandAll("Listing API keys");
        var customer = Ask.One(request, "customer");
        var keys = host.Cells.Services.ApiKeys.List().Where(k => customer is null || k.Customer == customer);
        return [.. Page.Of(request, keys, k => k.Id).Select(KeyView.From)];
    }

    private static IResult Delete(string key, ApiAccess access, CellHost host)
    {
        access.DemandAll("Revoking API keys");
        return host.Cells.Services.ApiKeys.Remove(Ask.Id(key, "key"))
            ? Results.NoContent()
            : throw new OnCellException(OnCellError.NotFound, $"There is no API key \"{key}\".") { Field = "key" };
    }
}
