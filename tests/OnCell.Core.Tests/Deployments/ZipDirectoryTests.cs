using System.Buffers.Binary;
using System.IO.Compression;
using OnCell.Deployments;

namespace OnCell.Core.Tests.Deployments;

/// <summary>A list of files that is too long is refused by its length, before an entry of it is read.</summary>
public sealed class ZipDirectoryTests : IDisposable
{
    private const int MaxFiles = 5_000;

    private readonly string _path = Path.GetTempFileName();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task A_package_of_the_most_files_with_the_longest_names_is_taken()
    {
        await WriteAsync(PackageSource.Zip([.. Enumerable.Range(0, MaxFiles).Select(i => ($"{i}".PadLeft(200, 'x'), Array.Empty<byte>()))]));
        await ZipDirectory.CheckAsync(_path, MaxFiles, Ct);
        await using var archive = await ZipFile.OpenReadAsync(_path, Ct);
        Assert.Equal(MaxFiles, archive.Entries.Count);
    }

    [Theory]
    [InlineData(3, 100, 0, "a list of files of")]
    [InlineData(5_001, 100, 0, "has 5001 files")]
    [InlineData(ushort.MaxValue, 100, 0, "Zip64")]
    [InlineData(3, uint.MaxValue, 0, "Zip64")]
    [InlineData(3, 100, uint.MaxValue, "Zip64")]
    public async Task A_list_that_is_too_long_is_refused_whatever_the_package_says_of_it(ushort entries, uint size, uint offset, string words)
    {
        var package = new byte[4 << 20]; // all of it would be entries
        var end = package.AsSpan(package.Length - 22);
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], offset);
        await WriteAsync(package);
        var refused = await Assert.ThrowsAsync<OnCellException>(() => ZipDirectory.CheckAsync(_path, MaxFiles, Ct));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private Task WriteAsync(byte[] package) => File.WriteAllBytesAsync(_path, package, Ct);
}
