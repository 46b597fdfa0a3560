using System.Globalization;
using System.Text.Json;

namespace OnCell.Benchmarks;

/// <summary>The rows of a benchmark, printed as they come and kept for the JSON file.</summary>
internal sealed class BenchmarkReport
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true };
    private readonly List<BenchmarkRow> _rows = [];

    /// <summary>Adds a row and prints it as <c>name value unit</c>, with its note behind a hash sign.</summary>
    /// <param name="name">The row's name, in snake case and stable: other programs look for it.</param>
    /// <param name="value">What was measured.</param>
    /// <param name="unit">Its unit, such as <c>ms</c> or <c>ratio</c>.</param>
    /// <param name="note">What a reader needs to judge the value.</param>
    public void Add(string name, double value, string unit, string? note = null)
    {
        _rows.Add(new BenchmarkRow(name, value, unit, note));
        var line = string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####} {unit}");
        Console.WriteLine(note is null ? line : $"{line}  # {note}");
    }

    /// <summary>Adds a ratio of two measurements of the same run, with both in its note.</summary>
    public void AddRatio(string name, double value, double peer, string unit, string peerName) =>
        Add(name, value / peer, "ratio", string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {unit} over {peer:0.##} {unit} ({peerName})"));

    /// <summary>Writes all rows as <c>{"rows":[{"name","value","unit","note"}]}</c>.</summary>
    public async Task WriteJsonAsync(string path)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, new BenchmarkFile(_rows), Indented);
    }

    private sealed record BenchmarkRow(string Name, double Value, string Unit, string? Note);

    private sealed record BenchmarkFile(IReadOnlyList<BenchmarkRow> Rows);
}
