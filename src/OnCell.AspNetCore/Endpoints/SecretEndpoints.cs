using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Secrets of one customer, or of all. A value goes in and never comes out.</summary>
internal static class SecretEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var own = group.MapGroup("/customers/{customer}/secrets").RequireAuthorization(OnCellPolicies.Manage).WithTags("secrets");
        own.MapGet("", (string customer, ISecretManager secrets, CancellationToken ct) => secrets.ListAsync(customer, ct))
            .Describe("customers.secrets.list", "Lists a customer's secrets, without their values.");
        own.MapPut("/{name}", (string customer, string name, HttpRequest request, ISecretManager secrets, CancellationToken ct) =>
            SetAsync(customer, name, request, secrets, ct)).Describe("customers.secrets.set", "Sets or rotates a customer's secret.").Takes<SecretBody>();
        own.MapDelete("/{name}", (string customer, string name, ISecretManager secrets, CancellationToken ct) =>
            DeleteAsync(customer, name, secrets, ct)).Describe("customers.secrets.delete", "Removes a customer's secret.").Produces(StatusCodes.Status204NoContent);

        var all = group.MapGroup("/secrets").RequireAuthorization(OnCellPolicies.Deploy).AddEndpointFilter<AllCustomersFilter>().WithTags("secrets");
        all.MapGet("", (ISecretManager secrets, CancellationToken ct) => secrets.ListAsync(null, ct)).Describe("secrets.list", "Lists the secrets of all customers at once, without their values.");
        all.MapPut("/{name}", (string name, HttpRequest request, ISecretManager secrets, CancellationToken ct) =>
            SetAsync(null, name, request, secrets, ct)).Describe("secrets.set", "Sets or rotates a secret of all customers.").Takes<SecretBody>();
        all.MapDelete("/{name}", (string name, ISecretManager secrets, CancellationToken ct) =>
            DeleteAsync(null, name, secrets, ct)).Describe("secrets.delete", "Removes a secret of all customers.").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<SecretInfo> SetAsync(
        string? customer, string name, HttpRequest request, ISecretManager secrets, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<SecretBody>(request, ct);
        return await secrets.SetAsync(customer, name, Ask.Required(body.Value, "value", "the secret"), ct);
    }

    private static async Task<IResult> DeleteAsync(string? customer, string name, ISecretManager secrets, CancellationToken ct) =>
        await secrets.DeleteAsync(customer, name, ct)
            ? Results.NoContent()
            : throw new OnCellException(OnCellError.NotFound, $"There is no secret \"{Shown.Short(name)}\" here.") { Field = "name" };
}

/// <summary>The body of <c>PUT …/secrets/{name}</c>.</summary>
internal sealed record SecretBody(string? Value);
