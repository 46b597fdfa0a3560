namespace OnCell.AspNetCore;

/// <summary>The names of the authorization policies that guard the API, one for each <see cref="OnCellArea"/>.</summary>
/// <remarks>
/// The application may define a policy of the same name to say for itself who may do what; the routes of one customer
/// additionally need the claim <see cref="OnCellClaims.Customer"/>.
/// </remarks>
public static class OnCellPolicies
{
    /// <summary>The policy of <see cref="OnCellArea.Run"/>.</summary>
    public const string Run = "OnCell.Run";

    /// <summary>The policy of <see cref="OnCellArea.Manage"/>.</summary>
    public const string Manage = "OnCell.Manage";

    /// <summary>The policy of <see cref="OnCellArea.Deploy"/>.</summary>
    public const string Deploy = "OnCell.Deploy";

    internal static IEnumerable<(string Name, OnCellArea Area)> All =>
        [(Run, OnCellArea.Run), (Manage, OnCellArea.Manage), (Deploy, OnCellArea.Deploy)];
}
