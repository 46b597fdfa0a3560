using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>The power of a real ext4 is cut, under the database and the files of large values alike.</summary>
public sealed class BlockCutTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-block-").FullName;

    [Fact]
    public async Task Cut_at_every_stage_of_a_large_values_file_nothing_acknowledged_is_lost()
    {
        var harness = new BlockCutHarness(_folder, StorageFaults.None);
        var report = await harness.RunAsync(cuts: 36);

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.IsClean, report.ToString());
        Assert.Equal(36, report.Faults);
        Assert.True(report.Acknowledged > 0);
        Assert.Equal(Enum.GetValues<ProtocolPoint>(), harness.Points.Order());
    }

    [Theory]
    [InlineData("NORMAL", true)]
    [InlineData("FULL", false)]
    public async Task The_controls_without_a_sync_of_the_log_or_of_the_files_lose_steps(string synchronous, bool syncFiles)
    {
        var faults = new StorageFaults { Synchronous = synchronous, SyncFiles = syncFiles };
        var report = await new BlockCutHarness(_folder, faults).RunAsync(cuts: 26);

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.LostSteps > 0, "the harness does not see what it is there to see");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
