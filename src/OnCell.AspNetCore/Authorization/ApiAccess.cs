using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using OnCell.AspNetCore.Errors;
using OnCell.Cells;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Who calls, and for which customers. The areas are the policies' to check; this guards the names.</summary>
internal sealed class ApiAccess
{
    private readonly bool _all;
    private readonly HashSet<string> _customers;

    public ApiAccess(ClaimsPrincipal user)
    {
        _customers = [.. user.FindAll(OnCellClaims.Customer).Select(c => c.Value)];
        _all = _customers.Contains(OnCellClaims.AnyCustomer);
        Actor = user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.Identity?.Name ?? "unknown";
    }

    /// <summary>Gets the caller as the audit log names it.</summary>
    public string Actor { get; }

    /// <summary>Gets whether the caller may name every customer.</summary>
    public bool IsForAll => _all;

    /// <summary>Gets the customer that the request names, for the audit log.</summary>
    public string? Named { get; private set; }

    public bool Covers(string? customer) => _all || (customer is not null && _customers.Contains(customer));

    /// <summary>Refuses a customer that is not the caller's with the very words for one that does not exist.</summary>
    /// <exception cref="OnCellException">The customer is another's.</exception>
    public void Demand(string customer)
    {
        Named = customer;
        if (!Covers(customer)) throw CellTable.Unknown(customer);
    }

    /// <summary>Refuses to make a customer that would not be the caller's.</summary>
    /// <exception cref="ForbiddenException">The caller is bound to other customers.</exception>
    public void DemandNew(string customer)
    {
        Named = customer;
        if (!Covers(customer)) DemandAll("Making this customer");
    }

    /// <exception cref="ForbiddenException">The caller is bound to customers.</exception>
    public void DemandAll(string what)
    {
        if (!_all) throw new ForbiddenException($"{what} needs access to all customers; this caller is bound to some.");
    }

    /// <summary>Makes it a parameter of an endpoint.</summary>
    public static ValueTask<ApiAccess?> BindAsync(HttpContext context) => ValueTask.FromResult<ApiAccess?>(Of(context));

    public static ApiAccess Of(HttpContext context)
    {
        if (context.Features.Get<ApiAccess>() is { } known) return known;
        var access = new ApiAccess(context.User);
        context.Features.Set(access);
        return access;
    }
}
