using System.Globalization;

namespace OnCell.Benchmarks.Index;

/// <summary>Means with their 95 % intervals, by drawing the values anew 2,000 times.</summary>
internal static class Bootstrap
{
    public static void Add(BenchmarkReport report, string name, IReadOnlyList<double> values)
    {
        if (values.Count == 0) throw new InvalidOperationException($"There is nothing to average for {name}.");
        var random = new Random(1);
        var means = Enumerable.Range(0, 2_000)
            .Select(_ => Enumerable.Range(0, values.Count).Average(_ => values[random.Next(values.Count)])).Order().ToArray();
        report.Add(
            name, values.Average(), "ratio",
            string.Create(CultureInfo.InvariantCulture, $"95 % [{means[50]:0.000}, {means[1_949]:0.000}], {values.Count} queries"));
    }
}
