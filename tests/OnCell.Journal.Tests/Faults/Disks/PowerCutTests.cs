namespace OnCell.Journal.Tests.Faults.Disks;

public sealed class PowerCutTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-cuts-").FullName;

    [Fact]
    public async Task After_a_power_cut_every_acknowledged_step_is_there()
    {
        var harness = new PowerCutHarness(_folder, seed: 1, "FULL");
        var report = await harness.RunAsync(cuts: 100);

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.IsClean, report.ToString());
        Assert.Equal(100, report.Faults);
        Assert.True(harness.TornWrites > 0, "no write was torn");
        Assert.True(harness.ReorderedFiles > 0, "no writes were reordered");
        Assert.True(harness.CutsInRecovery > 50, $"only {harness.CutsInRecovery} cuts met a recovery");
    }

    [Fact]
    public async Task The_control_without_a_sync_at_commit_loses_steps()
    {
        var report = await new PowerCutHarness(_folder, seed: 2, "NORMAL").RunAsync(cuts: 60);

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.LostSteps > 0, "the harness does not see what it is there to see");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
