using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>A customer's quotas. Whoever is bound to customers sees them, and raises none: they are what that caller is held to.</summary>
internal static class QuotaEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/customers/{customer}/quotas", GetAsync).RequireAuthorization(OnCellPolicies.Run).WithTags("customers")
            .Describe("customers.quotas.get", "Gets a customer's quotas and what of them is used: its own, and those that are the service's for each.");
        group.MapPut("/customers/{customer}/quotas", SetAsync).RequireAuthorization(OnCellPolicies.Manage).AddEndpointFilter<AllCustomersFilter>().WithTags("customers")
            .Describe("customers.quotas.set", "Gives a customer quotas of its own, in the place of all that it had; what is not named is as the service's.")
            .Takes<CustomerQuotas>();
    }

    private static async Task<QuotasView> GetAsync(string customer, ICellManager cells, IQuotas quotas, CancellationToken ct) =>
        new((await cells.GetAsync(customer, ct)).Quotas ?? new CustomerQuotas(), await quotas.ListAsync(customer, ct));

    private static async Task<QuotasView> SetAsync(string customer, HttpRequest request, ICellManager cells, IQuotas quotas, CancellationToken ct)
    {
        await cells.SetQuotasAsync(customer, await JsonBody.ReadAsync<CustomerQuotas>(request, ct), ct);
        return await GetAsync(customer, cells, quotas, ct);
    }
}

/// <summary>A customer's quotas: those set for it, and how far it is with all that hold.</summary>
internal sealed record QuotasView(CustomerQuotas Own, IReadOnlyList<QuotaInfo> Quotas);
