namespace OnCell.Quotas;

/// <summary>The names of quotas, as the API and messages show them.</summary>
internal static class QuotaNames
{
    public const string ComputeHours = "computeHoursPerMonth";
    public const string Tokens = "tokensPerMonth";
    public const string Storage = "storage";

    /// <summary>The setting of the service that a quota has by default.</summary>
    public static string Setting(string quota) => $"OnCell:Quotas:{char.ToUpperInvariant(quota[0])}{quota[1..]}";
}
