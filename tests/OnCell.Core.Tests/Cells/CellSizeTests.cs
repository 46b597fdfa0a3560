using OnCell.Cells;

namespace OnCell.Core.Tests.Cells;

public sealed class CellSizeTests
{
    [Theory]
    [InlineData("2cpu-4gb", 2, 4L << 30)]
    [InlineData("0.5cpu-512mb", 0.5, 512L << 20)]
    [InlineData("16cpu-1tb", 16, 1L << 40)]
    public void Compute_is_read(string text, double cpus, long bytes) => Assert.Equal((cpus, bytes), CellSize.ParseCompute(text));

    [Theory]
    [InlineData("10gb", 10_000_000_000)]
    [InlineData("500mb", 500_000_000)]
    public void Storage_is_read_in_decimal_units_as_disks_are_sold(string text, long bytes) =>
        Assert.Equal(bytes, CellSize.ParseStorage(text));

    [Theory]
    [InlineData("")]
    [InlineData("4gb")]
    [InlineData("2cpu")]
    [InlineData("2CPU-4GB")]
    [InlineData("0cpu-4gb")]
    [InlineData("2cpu-1mb")]
    [InlineData("-2cpu-4gb")]
    [InlineData("2cpu-4gb\n")]
    [InlineData("9999999cpu-4gb")]
    public void What_is_no_compute_size_is_refused_with_an_example(string text)
    {
        var error = Assert.Throws<OnCellException>(() => CellSize.ParseCompute(text));
        Assert.Equal(OnCellError.Invalid, error.Error);
        Assert.Contains("CellSpec.Compute", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("1mb")]
    [InlineData("10 gb")]
    [InlineData("99999tb")]
    public void What_is_no_storage_size_is_refused(string text) =>
        Assert.Contains("CellSpec.Storage", Assert.Throws<OnCellException>(() => CellSize.ParseStorage(text)).Message);
}
