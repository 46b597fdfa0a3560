using OnCell.Cells;

namespace OnCell.Quotas;

/// <summary>Checks a customer's own quotas before they are written.</summary>
internal static class CustomerQuotasValidator
{
    private const double MaxHours = 1_000_000;

    /// <param name="quotas">The quotas.</param>
    /// <param name="parent">The part of the request that they are in; empty where they are the request.</param>
    /// <exception cref="OnCellException">One cannot be.</exception>
    public static void Validate(CustomerQuotas quotas, string parent = "")
    {
        if (quotas.ComputeHoursPerMonth is not null and not (>= 0 and <= MaxHours))
            throw Invalid("computeHoursPerMonth", $"is a number of hours from 0 to {MaxHours:0}");
        if (quotas.TokensPerMonth < 0) throw Invalid("tokensPerMonth", "is a number of tokens, 0 or more");
        if (quotas.Storage is { } storage && CellSize.TryParseBytes(storage) is null)
            throw Invalid("storage", "is a size such as \"50gb\" (mb, gb or tb)");

        OnCellException Invalid(string field, string what) => new(OnCellError.Invalid, $"\"{field}\" {what}.") { Field = parent.Length == 0 ? field : $"{parent}.{field}" };
    }
}
