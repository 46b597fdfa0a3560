using System.ComponentModel.DataAnnotations;

namespace OnCell;

/// <summary>How much a customer may use. What is <see langword="null"/> is not limited.</summary>
public sealed class QuotaOptions
{
    /// <summary>Gets or sets the hours in a calendar month (UTC) in which the cell's sandbox may run.</summary>
    [Range(0, 1_000_000)]
    public double? ComputeHoursPerMonth { get; set; }

    /// <summary>Gets or sets the tokens in a calendar month (UTC), sent and answered.</summary>
    [Range(0, long.MaxValue)]
    public long? TokensPerMonth { get; set; }

    /// <summary>Gets or sets the size of all cells' disks together, such as <c>2000gb</c>: what <see cref="CellSpec.Storage"/> promises.</summary>
    public string? TotalStorage { get; set; }
}
