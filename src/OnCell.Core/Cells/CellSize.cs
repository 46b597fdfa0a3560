using System.Globalization;
using System.Text.RegularExpressions;

namespace OnCell.Cells;

/// <summary>Reads sizes such as <c>4cpu-8gb</c> and <c>50gb</c>.</summary>
internal static partial class CellSize
{
    /// <exception cref="OnCellException">The text is not such a size.</exception>
    public static (double Cpus, long MemoryBytes) ParseCompute(string text)
    {
        var match = ComputePattern().Match(text);
        if (!match.Success)
            throw Bad("Compute", text, "\"2cpu-4gb\" (processors, then memory in mb or gb)");
        var cpus = double.Parse(match.Groups["cpu"].Value, CultureInfo.InvariantCulture);
        var memory = Bytes(match, 1024);
        if (cpus is < 0.1 or > 512) throw Bad("Compute", text, "between 0.1 and 512 processors");
        if (memory is < 256L << 20 or > 16L << 40) throw Bad("Compute", text, "between 256mb and 16tb of memory");
        return (cpus, memory);
    }

    /// <exception cref="OnCellException">The text is not such a size.</exception>
    public static long ParseStorage(string text)
    {
        var match = StoragePattern().Match(text);
        if (!match.Success) throw Bad("Storage", text, "\"10gb\" (mb, gb or tb)");
        var bytes = Bytes(match, 1000);
        return bytes is >= 100_000_000 and <= 64_000_000_000_000 ? bytes : throw Bad("Storage", text, "between 100mb and 64tb");
    }

    /// <summary>Reads a size such as <c>2000gb</c> of what is not one cell's disk, however small or large.</summary>
    /// <returns><see langword="null"/> where there is no text, or it is no size.</returns>
    public static long? TryParseBytes(string? text) =>
        text is not null && StoragePattern().Match(text) is { Success: true } match ? Bytes(match, 1000) : null;

    /// <summary>What is more than can be counted is as much as can be.</summary>
    private static long Bytes(Match match, long unit)
    {
        var bytes = Int128.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
        {
            "mb" => unit * unit,
            "gb" => unit * unit * unit,
            _ => unit * unit * unit * unit,
        };
        return bytes > long.MaxValue ? long.MaxValue : (long)bytes;
    }

    private static OnCellException Bad(string what, string text, string wanted) =>
        new(OnCellError.Invalid, $"CellSpec.{what} \"{text}\" is not a size: write {wanted}.");

    [GeneratedRegex(@"\A(?<cpu>\d{1,3}(\.\d{1,2})?)cpu-(?<n>\d{1,6})(?<unit>mb|gb|tb)\z")]
    private static partial Regex ComputePattern();

    [GeneratedRegex(@"\A(?<n>\d{1,9})(?<unit>mb|gb|tb)\z")]
    private static partial Regex StoragePattern();
}
