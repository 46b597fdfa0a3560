using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Host;

/// <summary>Both kinds of control groups on trees of ordinary files: what is written and read where.</summary>
public sealed class CgroupTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_the_unified_hierarchy_all_is_in_one_folder()
    {
        using var root = new TemporaryFolder();
        await File.WriteAllTextAsync(root["cgroup.controllers"], "cpuset cpu io memory pids\n", Cancellation);
        var folder = Directory.CreateDirectory(root["oncell-1/acme"]).FullName;
        var group = Cgroup.At("/oncell-1/acme", new CgroupTree(root.Path));
        Assert.True(group.Exists);
        Assert.False(Cgroup.At("/oncell-1/other", new CgroupTree(root.Path)).Exists);

        await File.WriteAllTextAsync(folder + "/cgroup.procs", "12\n13\n0\n", Cancellation);
        Assert.Equal([12, 13], group.Processes());
        await File.WriteAllTextAsync(folder + "/memory.current", "4096\n", Cancellation);
        Assert.Equal(4096, group.MemoryBytes());
        await File.WriteAllTextAsync(folder + "/memory.events", "low 0\noom 1\noom_kill 0\n", Cancellation);
        Assert.False(group.WasOutOfMemory());
        await File.WriteAllTextAsync(folder + "/memory.events", "low 0\noom 1\noom_kill 1\n", Cancellation);
        Assert.True(group.WasOutOfMemory());

        await File.WriteAllTextAsync(folder + "/cgroup.events", "populated 1\nfrozen 0\n", Cancellation);
        Assert.False(group.IsFrozen());
        var freezing = group.FreezeAsync(Cancellation);
        while (!File.Exists(folder + "/cgroup.freeze") || await File.ReadAllTextAsync(folder + "/cgroup.freeze", Cancellation) != "1")
            await Task.Delay(1, Cancellation);
        await File.WriteAllTextAsync(folder + "/cgroup.events", "populated 1\nfrozen 1\n", Cancellation); // as the kernel does when all stand still
        await freezing;
        Assert.True(group.IsFrozen());
        await File.WriteAllTextAsync(folder + "/cgroup.events", "populated 1\nfrozen 0\n", Cancellation);
        await group.ThawAsync(Cancellation);
        Assert.Equal("0", await File.ReadAllTextAsync(folder + "/cgroup.freeze", Cancellation));

        foreach (var file in Directory.GetFiles(folder))
            File.Delete(file); // the kernel's files go with the folder, ordinary ones do not
        Directory.CreateDirectory(folder + "/below");
        await group.RemoveAsync(Cancellation);
        Assert.False(group.Exists);
        await group.RemoveAsync(Cancellation);
    }

    [Fact]
    public async Task In_the_old_hierarchies_each_controller_has_its_own()
    {
        using var root = new TemporaryFolder();
        foreach (var controller in (string[])["cpu", "memory", "pids", "freezer"])
            Directory.CreateDirectory(root[controller + "/oncell-1/acme"]);
        var tree = new CgroupTree(root.Path);
        Assert.Equal(["cpu", "freezer", "memory", "pids"], tree.Controllers().Order());
        var group = Cgroup.At("/oncell-1/acme", tree);
        await File.WriteAllTextAsync(root["memory/oncell-1/acme/memory.usage_in_bytes"], "8192", Cancellation);
        await File.WriteAllTextAsync(root["memory/oncell-1/acme/memory.oom_control"], "oom_kill_disable 0\noom_kill 2", Cancellation);
        await File.WriteAllTextAsync(root["pids/oncell-1/acme/cgroup.procs"], "7\n", Cancellation);
        await group.FreezeAsync(Cancellation); // the file that is written is the one that is read
        Assert.Equal("FROZEN", await File.ReadAllTextAsync(root["freezer/oncell-1/acme/freezer.state"], Cancellation));
        Assert.Equal((8192L, true, true), (group.MemoryBytes(), group.WasOutOfMemory(), group.IsFrozen()));
        Assert.Equal([7], group.Processes());
    }

    [Fact]
    public async Task A_freeze_that_does_not_come_is_taken_back()
    {
        using var root = new TemporaryFolder();
        await File.WriteAllTextAsync(root["cgroup.controllers"], "cpu memory pids", Cancellation);
        var folder = Directory.CreateDirectory(root["oncell-1/acme"]).FullName;
        await File.WriteAllTextAsync(folder + "/cgroup.events", "populated 1\nfrozen 0\n", Cancellation); // one of its processes waits for a disk
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var freezing = Cgroup.At("/oncell-1/acme", new CgroupTree(root.Path)).FreezeAsync(stop.Token);
        while (!File.Exists(folder + "/cgroup.freeze") || await File.ReadAllTextAsync(folder + "/cgroup.freeze", Cancellation) != "1")
            await Task.Delay(1, Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => freezing);
        Assert.Equal("0", await File.ReadAllTextAsync(folder + "/cgroup.freeze", Cancellation));
    }

    [Fact]
    public async Task A_group_that_is_gone_cannot_be_frozen_and_says_so()
    {
        using var root = new TemporaryFolder();
        await File.WriteAllTextAsync(root["cgroup.controllers"], "cpu memory pids", Cancellation);
        var error = await Assert.ThrowsAsync<SandboxException>(() => Cgroup.At("/none/x", new CgroupTree(root.Path)).FreezeAsync(Cancellation));
        Assert.Contains("/none/x", error.Message, StringComparison.Ordinal);
    }
}
