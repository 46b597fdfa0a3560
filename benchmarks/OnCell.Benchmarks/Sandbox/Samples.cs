using System.Diagnostics;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>Times of one thing done often, in milliseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public double Median => At(0.50);

    public double P99 => At(0.99);

    public string Note => $"median of {_values.Count}";

    public void Add(double milliseconds) => _values.Add(milliseconds);

    public async Task TimeAsync(Func<Task> action)
    {
        var start = Stopwatch.GetTimestamp();
        await action();
        Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private double At(double share)
    {
        var sorted = _values.Order().ToArray();
        return sorted[(int)Math.Min(sorted.Length - 1, Math.Floor(share * sorted.Length))];
    }
}
