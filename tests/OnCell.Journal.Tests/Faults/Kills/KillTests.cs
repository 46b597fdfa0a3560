using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>Real processes, real SIGKILL, one real file.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-kill-").FullName;

    [Fact]
    public async Task Killed_at_every_point_of_the_protocol_nothing_is_lost_or_done_twice()
    {
        var harness = new KillHarness(_folder);
        foreach (var point in Enum.GetValues<ProtocolPoint>())
        {
            Assert.True(await harness.KillAtAsync(point, hit: 1), $"{point} was not reached");
            if (point < ProtocolPoint.BlobWritten)
                await harness.KillAtAsync(point, hit: 9);
        }

        await harness.FinishAsync();
        var report = await harness.CheckAsync();

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.IsClean, report.ToString());
        Assert.True(report.Faults >= 10, report.ToString());
    }

    [Fact]
    public async Task Killed_at_random_nothing_is_lost_or_done_twice()
    {
        var random = new Random(20261123);
        var harness = new KillHarness(_folder, journals: 3);
        for (var i = 0; i < 15; i++)
            await harness.KillAsync(random, TimeSpan.FromSeconds(0.8));
        await harness.FinishAsync();
        var report = await harness.CheckAsync();

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.IsClean, report.ToString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
