namespace OnCell.Benchmarks;

/// <summary>What a benchmark was asked for on the command line.</summary>
/// <param name="Area">The area, such as <c>journal</c>.</param>
/// <param name="JsonPath">Where the rows are written as JSON, if anywhere.</param>
/// <param name="WorkFolder">A folder of the run's own on a real disk, deleted afterwards.</param>
/// <param name="Flags">Further words of the form <c>--name</c>, for the area to read, such as <c>--faults</c>.</param>
internal sealed record BenchmarkOptions(string Area, string? JsonPath, string WorkFolder, IReadOnlySet<string> Flags)
{
    public const string Usage = "usage: ./bench AREA [--json FILE] [--FLAG ...]";

    public bool Has(string flag) => Flags.Contains(flag);

    /// <summary>Reads the command line.</summary>
    /// <returns><see langword="null"/> when it cannot be understood.</returns>
    public static BenchmarkOptions? Parse(string[] args)
    {
        string? area = null, json = null;
        var flags = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--json" && i + 1 < args.Length)
                json = Path.GetFullPath(args[++i]);
            else if (args[i].StartsWith("--", StringComparison.Ordinal))
                flags.Add(args[i]);
            else if (area is null)
                area = args[i];
            else
                return null;
        }

        // Not the temporary folder, which may be memory: what is measured is the disk.
        var folder = Path.Combine(Environment.CurrentDirectory, "artifacts", "bench", $"{area}-{Environment.ProcessId}");
        return area is null ? null : new BenchmarkOptions(area, json, folder, flags);
    }
}
