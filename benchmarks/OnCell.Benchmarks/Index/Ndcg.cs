namespace OnCell.Benchmarks.Index;

/// <summary>NDCG@10 over files: gain is binary, each target counts once, at its first rank.</summary>
internal static class Ndcg
{
    private const int Depth = 10;

    public static double Of(IEnumerable<string> paths, IReadOnlyList<string> targets)
    {
        var open = new HashSet<string>(targets, StringComparer.Ordinal);
        var gain = 0.0;
        var rank = 0;
        foreach (var path in paths.Take(Depth))
        {
            rank++;
            if (open.FirstOrDefault(t => IsSame(path, t)) is not { } hit) continue;
            open.Remove(hit);
            gain += 1 / Math.Log2(rank + 1);
        }

        var ideal = Enumerable.Range(1, Math.Min(Depth, targets.Count)).Sum(r => 1 / Math.Log2(r + 1));
        return gain / ideal;
    }

    /// <summary>A result counts where one path ends in the other.</summary>
    private static bool IsSame(string a, string b)
        => a == b || a.EndsWith("/" + b, StringComparison.Ordinal) || b.EndsWith("/" + a, StringComparison.Ordinal);
}
