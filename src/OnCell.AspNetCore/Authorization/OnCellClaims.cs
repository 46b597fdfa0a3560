namespace OnCell.AspNetCore;

/// <summary>The claims by which a signed-in user is known to the API. An application with users of its own adds them when they sign in, or by an <c>IClaimsTransformation</c>.</summary>
public static class OnCellClaims
{
    /// <summary>A customer whose things the user may name; one claim each, or <see cref="AnyCustomer"/>.</summary>
    public const string Customer = "oncell:customer";

    /// <summary>What the user may do: <c>run</c>, <c>manage</c> or <c>deploy</c>; one claim each.</summary>
    public const string Area = "oncell:area";

    /// <summary>The value of <see cref="Customer"/> that stands for all customers.</summary>
    public const string AnyCustomer = "*";
}
