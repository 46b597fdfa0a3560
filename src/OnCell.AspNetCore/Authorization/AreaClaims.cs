using System.Security.Claims;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Areas as claims.</summary>
internal static class AreaClaims
{
    private static readonly Dictionary<OnCellArea, string> Names = new()
    {
        [OnCellArea.Run] = "run",
        [OnCellArea.Manage] = "manage",
        [OnCellArea.Deploy] = "deploy",
    };

    public static Claim Of(OnCellArea area) => new(OnCellClaims.Area, Names[area]);

    public static bool Has(ClaimsPrincipal user, OnCellArea area) => user.HasClaim(OnCellClaims.Area, Names[area]);

    public static IReadOnlyList<string> ToNames(OnCellArea areas) => [.. Names.Where(n => areas.HasFlag(n.Key)).Select(n => n.Value)];

    /// <returns>The area, or <see langword="null"/> where no area is called so.</returns>
    public static OnCellArea? Find(string name) => Names.Where(n => n.Value == name).Select(n => (OnCellArea?)n.Key).FirstOrDefault();
}
