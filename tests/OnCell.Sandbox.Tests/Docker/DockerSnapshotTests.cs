using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>Copies of the volumes of cells that a Docker engine runs.</summary>
public sealed class DockerSnapshotTests(SharedEngine shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cell_goes_back_to_a_snapshot_and_a_fork_has_its_files_and_knows_no_command()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        var (id, folder) = (lab.Spec().Id, lab.Spec().Folder);
        var command = ExecSpec.Shell("echo ran >> log") with { Key = "setup/1" };
        var sandbox = await lab.StartAsync();
        await sandbox.RunAsync(command, null, Cancellation);
        await DockerLab.ShellAsync(sandbox, "echo first > file; echo tool > /usr/local/bin/tool");
        var snapshot = await lab.Runtime.Snapshots.CreateAsync(id, folder, "before", Cancellation);
        Assert.Equal([snapshot], lab.Runtime.Snapshots.List(folder));
        await DockerLab.ShellAsync(sandbox, "echo second > file; rm /usr/local/bin/tool");

        var runs = await Assert.ThrowsAsync<SandboxException>(() => lab.Runtime.Snapshots.RestoreAsync(id, folder, "before", Cancellation));
        Assert.Contains("stop it before", runs.Message, StringComparison.Ordinal);
        await lab.Runtime.Snapshots.ForkAsync(id, folder, null, lab.Spec("fork").Folder, Cancellation);
        var fork = await lab.StartAsync("fork");
        Assert.Equal("second\n", await DockerLab.ShellAsync(fork, "cat file"));
        Assert.Equal((ExecState.Unknown, ExecState.Finished), (await fork.FindExecAsync("setup/1", Cancellation), await sandbox.FindExecAsync("setup/1", Cancellation)));
        await fork.StopAsync(Cancellation);

        await sandbox.FreezeAsync(Cancellation);
        await lab.Runtime.Snapshots.CreateAsync(id, folder, "frozen", Cancellation); // also of a frozen one
        await sandbox.StopAsync(Cancellation);
        await lab.Runtime.Snapshots.RestoreAsync(id, folder, "before", Cancellation);
        sandbox = await lab.StartAsync();
        Assert.Equal("first\ntool\n", await DockerLab.ShellAsync(sandbox, "cat file /usr/local/bin/tool"));
        await sandbox.StopAsync(Cancellation);
    }

    // What a service leaves that is killed in the middle of a snapshot.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_volume_that_a_dead_process_left_frozen_is_thawed_by_the_next(bool attached)
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using (await lab.StartAsync())
        {
            _ = await FrozenFileSystem.AtAsync(new CellVolume(lab.Spec().Folder, new VolumeOptions()).MountPoint);
        }

        await using var next = lab.NewRuntime();
        if (attached)
        {
            await using var sandbox = await next.AttachAsync(lab.Spec(), Cancellation);
            Assert.Equal("1\n", await DockerLab.ShellAsync(sandbox!, "echo 1 > file; cat file"));
        }

        await next.DestroyAsync(lab.Spec().Id, Cancellation);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task A_dead_cell_is_cleared_away_before_its_volume_is_restored()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using (var sandbox = await lab.StartAsync())
        {
            await DockerLab.ShellAsync(sandbox, "echo first > file");
            await lab.Runtime.Snapshots.CreateAsync(sandbox.Id, lab.Spec().Folder, "one", Cancellation);
            await Record.ExceptionAsync(() => sandbox.RunAsync(ExecSpec.Shell("echo second > file; sync; kill -9 1; sleep 10"), null, Cancellation));
            await sandbox.Lost.WaitAsync(Cancellation);
        }

        await lab.Runtime.Snapshots.RestoreAsync(lab.Spec().Id, lab.Spec().Folder, "one", Cancellation);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task Where_a_cell_has_no_volume_there_is_nothing_to_copy()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using var runtime = lab.NewRuntime(o => (o.CapsDisks, o.AllowUncappedDisk) = (false, true));
        Assert.Contains("root", Assert.Throws<NotSupportedException>(() => runtime.Snapshots).Message, StringComparison.Ordinal);
    }
}
