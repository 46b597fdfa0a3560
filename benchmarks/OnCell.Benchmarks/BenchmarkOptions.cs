namespace OnCell.Benchmarks;

/// <summary>What a benchmark was asked for on the command line.</summary>
/// <param name="Area">The area, such as <c>journal</c>.</param>
/// <param name="JsonPath">Where the rows are written as JSON, if anywhere.</param>
/// <param name="WorkFolder">A folder of the run's own on a real disk, deleted afterwards.</param>
/// <param name="Flags">Further words of the form <c>--name</c>, for the area to read, such as <c>--faults</c>.</param>
/// <param name="Values">Further pairs of the form <c>--name value</c>, after the area, such as <c>--corpus DIR</c>.</param>
internal sealed record BenchmarkOptions(
    string Area,
    string? JsonPath,
    string WorkFolder,
    IReadOnlySet<string> Flags,
    IReadOnlyDictionary<string, string> Values)
{
    public const string Usage = "usage: ./bench AREA [--json FILE] [--FLAG ...] [--NAME VALUE ...]";

    public bool Has(string flag) => Flags.Contains(flag);

    /// <summary>Reads the command line.</summary>
    /// <returns><see langword="null"/> when it cannot be understood.</returns>
    public static BenchmarkOptions? Parse(string[] args)
    {
        string? area = null, json = null;
        var flags = new HashSet<string>(StringComparer.Ordinal);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--json" && i + 1 < args.Length)
                json = Path.GetFullPath(args[++i]);
            else if (IsName(args[i]) && area is not null && i + 1 < args.Length && !IsName(args[i + 1]))
                values[args[i]] = args[++i];
            else if (IsName(args[i]))
                flags.Add(args[i]);
            else if (area is null)
                area = args[i];
            else
                return null;
        }

        // Not the temporary folder, which may be memory: what is measured is the disk.
        var folder = Path.Combine(Environment.CurrentDirectory, "artifacts", "bench", $"{area}-{Environment.ProcessId}");
        return area is null ? null : new BenchmarkOptions(area, json, folder, flags, values);
    }

    private static bool IsName(string word) => word.StartsWith("--", StringComparison.Ordinal);
}
