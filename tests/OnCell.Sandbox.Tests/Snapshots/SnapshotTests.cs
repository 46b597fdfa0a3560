using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandbox.Tests.Snapshots;

public sealed class SnapshotTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_of_a_running_sandbox_is_restored_in_place()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var (id, folder) = (lab.Spec().Id, lab.Spec().Folder);
        var sandbox = await lab.StartAsync();
        await SandboxLab.ShellAsync(sandbox, "echo first > file; mkdir tree; echo x > tree/x; echo tool > /usr/local/bin/tool");
        var snapshot = await lab.Runtime.Snapshots.CreateAsync(id, folder, "before", Cancellation);
        Assert.Equal("before", snapshot.Name);
        Assert.InRange(snapshot.Bytes, 1, lab.Spec().Resources.StorageBytes / 2);
        Assert.Equal([snapshot], lab.Runtime.Snapshots.List(folder));
        await SandboxLab.ShellAsync(sandbox, "echo second > file; rm -r tree /usr/local/bin/tool");

        var runs = await Assert.ThrowsAsync<SandboxException>(() => lab.Runtime.Snapshots.RestoreAsync(id, folder, "before", Cancellation));
        Assert.Contains("stop it before", runs.Message, StringComparison.Ordinal);
        await sandbox.StopAsync(Cancellation);
        await lab.Runtime.Snapshots.RestoreAsync(id, folder, "before", Cancellation);

        sandbox = await lab.StartAsync();
        Assert.Equal("first\nx\ntool\n", await SandboxLab.ShellAsync(sandbox, "cat file tree/x /usr/local/bin/tool"));
        await sandbox.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_dead_sandbox_is_cleared_away_before_its_volume_is_restored()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using (var sandbox = await lab.StartAsync())
        {
            await SandboxLab.ShellAsync(sandbox, "echo first > file");
            await lab.Runtime.Snapshots.CreateAsync(sandbox.Id, lab.Spec().Folder, "one", Cancellation);
            await Record.ExceptionAsync(() => sandbox.RunAsync(ExecSpec.Shell("echo second > file; sync; kill -9 1; sleep 10"), null, Cancellation));
            await sandbox.Lost.WaitAsync(Cancellation);
        }

        await lab.Runtime.Snapshots.RestoreAsync(lab.Spec().Id, lab.Spec().Folder, "one", Cancellation);
        Assert.Empty(lab.Traces());
        await using var woken = await lab.StartAsync();
        Assert.Equal("first\n", await SandboxLab.ShellAsync(woken, "cat file"));
    }

    [Fact]
    public async Task A_fork_has_the_files_and_knows_no_command_of_its_origin()
    {
        await using var lab = await SandboxLab.OpenAsync();
        using var host = new TemporaryFolder();
        await File.WriteAllTextAsync(host["precious"], "host", Cancellation);
        var origin = await lab.StartAsync();
        var command = ExecSpec.Shell("echo ran >> /work/log") with { Key = "setup/1" };
        await origin.RunAsync(command, null, Cancellation);
        await SandboxLab.ShellAsync(origin, $"ln -s {host.Path} /var/lib/oncell/planted; ln -s {host.Path} /work/planted; git init -q . && git add log && git -c user.name=x -c user.email=x@x commit -qm x");
        await lab.Runtime.Snapshots.CreateAsync(origin.Id, lab.Spec().Folder, "early", Cancellation);
        await SandboxLab.ShellAsync(origin, "echo later > late");

        await lab.Runtime.Snapshots.ForkAsync(origin.Id, lab.Spec().Folder, null, lab.Spec("fork").Folder, Cancellation);
        await lab.Runtime.Snapshots.ForkAsync(origin.Id, lab.Spec().Folder, "early", lab.Spec("early").Folder, Cancellation);
        var taken = await Assert.ThrowsAsync<SandboxException>(
            () => lab.Runtime.Snapshots.ForkAsync(origin.Id, lab.Spec().Folder, null, lab.Spec("fork").Folder, Cancellation));
        Assert.Contains("already", taken.Message, StringComparison.Ordinal);

        var fork = await lab.StartAsync("fork");
        Assert.Equal("later\n", await SandboxLab.ShellAsync(fork, "cat late"));
        Assert.Equal(ExecState.Unknown, await fork.FindExecAsync("setup/1", Cancellation));
        Assert.Equal(ExecState.Finished, await origin.FindExecAsync("setup/1", Cancellation));
        Assert.False((await fork.RunAsync(command, null, Cancellation)).Reattached);
        Assert.Equal("?? late\n?? planted\n", await SandboxLab.ShellAsync(fork, "git checkout -q log && git status --porcelain"));
        Assert.Equal("ran\n", await SandboxLab.ShellAsync(origin, "cat log"));
        Assert.Equal("host", await File.ReadAllTextAsync(host["precious"], Cancellation));
        await fork.StopAsync(Cancellation);
        fork = await lab.StartAsync("fork");
        Assert.Equal(ExecState.Finished, await fork.FindExecAsync("setup/1", Cancellation)); // forgotten once, not at each start

        var early = await lab.StartAsync("early");
        Assert.Equal("", await SandboxLab.ShellAsync(early, "ls late 2>/dev/null; true"));
        foreach (var sandbox in (OnCell.Sandboxes.Sandbox[])[origin, fork, early])
            await sandbox.StopAsync(Cancellation);
    }

    [Fact]
    public async Task The_oldest_snapshots_give_way_and_one_can_be_removed()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var runtime = lab.NewRuntime(o => o.Volumes.KeepSnapshots = 2);
        var (id, folder) = (lab.Spec().Id, lab.Spec().Folder);
        await (await runtime.StartAsync(lab.Spec(), Cancellation)).StopAsync(Cancellation);
        foreach (var name in (string[])["a", "b", "c"])
            await runtime.Snapshots.CreateAsync(id, folder, name, Cancellation);
        Assert.Equal(["b", "c"], runtime.Snapshots.List(folder).Select(s => s.Name));
        await runtime.Snapshots.RemoveAsync(id, folder, "b", Cancellation);
        await runtime.Snapshots.RemoveAsync(id, folder, "b", Cancellation);
        var unnamed = await runtime.Snapshots.CreateAsync(id, folder, null, Cancellation);
        Assert.Equal(["c", unnamed.Name], runtime.Snapshots.List(folder).Select(s => s.Name));
    }

    [Fact]
    public async Task What_cannot_be_is_a_clear_error_and_leaves_nothing()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var (id, folder) = (lab.Spec().Id, lab.Spec().Folder);
        var snapshots = lab.Runtime.Snapshots;
        Assert.Empty(snapshots.List(folder));
        Assert.Contains("no volume", (await Assert.ThrowsAsync<SandboxException>(() => snapshots.CreateAsync(id, folder, "a", Cancellation))).Message, StringComparison.Ordinal);
        await (await lab.StartAsync()).StopAsync(Cancellation);
        foreach (var name in (string[])["", "../escape", "A", "a/b", ".hidden", new string('x', 64)])
            await Assert.ThrowsAsync<ArgumentException>(() => snapshots.CreateAsync(id, folder, name, Cancellation));
        await snapshots.CreateAsync(id, folder, "a", Cancellation);
        Assert.Contains("already", (await Assert.ThrowsAsync<SandboxException>(() => snapshots.CreateAsync(id, folder, "a", Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("no snapshot \"b\"", (await Assert.ThrowsAsync<SandboxException>(() => snapshots.RestoreAsync(id, folder, "b", Cancellation))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SandboxException>(() => snapshots.ForkAsync(id, folder, "b", lab.Spec("fork").Folder, Cancellation));
        Assert.False(File.Exists(lab.Spec("fork").Folder + "/volume.img"));

        await using var full = lab.NewRuntime(o => o.Volumes.MinimumFreeBytes = long.MaxValue / 2);
        Assert.Contains("kept in reserve", (await Assert.ThrowsAsync<SandboxException>(() => full.Snapshots.CreateAsync(id, folder, "b", Cancellation))).Message, StringComparison.Ordinal);
        Assert.Equal([folder + "/snapshots/a.img"], Directory.GetFiles(folder + "/snapshots"));
    }

    // What a service leaves that is killed in the middle of a snapshot.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_volume_that_a_dead_process_left_frozen_is_thawed_by_the_next(bool attached)
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using (await lab.StartAsync())
        {
            _ = await FrozenFileSystem.AtAsync(new CellVolume(lab.Spec().Folder, new VolumeOptions()).MountPoint);
        }

        await using var next = lab.NewRuntime();
        if (attached)
        {
            await using var sandbox = await next.AttachAsync(lab.Spec(), Cancellation);
            Assert.Equal("1\n", await SandboxLab.ShellAsync(sandbox!, "echo 1 > file; cat file"));
        }

        await next.DestroyAsync(lab.Spec().Id, Cancellation);
        Assert.Empty(lab.Traces());
    }
}
