using System.ComponentModel.DataAnnotations;

namespace OnCell;

/// <summary>How much a customer may use that has no quotas of its own (<see cref="CustomerQuotas"/>). What is <see langword="null"/> is not limited.</summary>
public sealed class QuotaOptions
{
    private const string Size = @"\A\d{1,9}(mb|gb|tb)\z";

    /// <summary>Gets or sets the hours in a calendar month (UTC) in which the cell's sandbox may run.</summary>
    [Range(0, 1_000_000)]
    public double? ComputeHoursPerMonth { get; set; }

    /// <summary>Gets or sets the tokens in a calendar month (UTC), sent and answered.</summary>
    [Range(0, long.MaxValue)]
    public long? TokensPerMonth { get; set; }

    /// <summary>Gets or sets the size of a cell's disk (<see cref="CellSpec.Storage"/>) and its snapshots together, such as <c>50gb</c>.</summary>
    [RegularExpression(Size, ErrorMessage = "Quotas:Storage is not a size: write \"50gb\" (mb, gb or tb).")]
    public string? Storage { get; set; }

    /// <summary>Gets or sets the size of all cells' disks together, such as <c>2000gb</c>: what <see cref="CellSpec.Storage"/> promises.</summary>
    [RegularExpression(Size, ErrorMessage = "Quotas:TotalStorage is not a size: write \"2000gb\" (mb, gb or tb).")]
    public string? TotalStorage { get; set; }
}
