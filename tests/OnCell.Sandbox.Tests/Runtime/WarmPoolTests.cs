using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class WarmPoolTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_joins_a_waiting_sandbox_that_serves_it_alone_and_goes_with_it()
    {
        await using var lab = await SandboxLab.OpenAsync(warmPoolSize: 1);
        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation);
        var waiting = Assert.Single(PooledNames(lab));
        Assert.Empty(await lab.Runtime.ListAsync(Cancellation));

        var first = await lab.StartAsync("first");
        var record = await File.ReadAllTextAsync($"{lab.RuntimeRoot}/first/sandbox.json", Cancellation);
        Assert.Contains(waiting, record, StringComparison.Ordinal);
        Assert.Equal("cell\n", await SandboxLab.ShellAsync(first, "hostname"));
        await SandboxLab.ShellAsync(first, "echo kept > /work/file");

        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation);
        var second = await lab.StartAsync("second");
        Assert.DoesNotContain(waiting, await File.ReadAllTextAsync($"{lab.RuntimeRoot}/second/sandbox.json", Cancellation), StringComparison.Ordinal);
        await first.StopAsync(Cancellation);
        Assert.DoesNotContain(waiting, PooledNames(lab));
        Assert.Equal("2\n", await SandboxLab.ShellAsync(second, "echo 2"));
        await second.StopAsync(Cancellation);

        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation);
        first = await lab.StartAsync("first");
        Assert.Equal("kept\n", await SandboxLab.ShellAsync(first, "cat /work/file"));
        await first.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_cell_in_a_pooled_sandbox_freezes_is_attached_and_is_found_lost_like_any_other()
    {
        await using var lab = await SandboxLab.OpenAsync(warmPoolSize: 1);
        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation);
        await using (var cell = await lab.StartAsync())
            await cell.FreezeAsync(Cancellation);
        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation); // two services at once would be none of a real host's

        await using var next = lab.NewRuntime();
        var attached = await next.AttachAsync(lab.Spec(), Cancellation);
        Assert.Equal("thawed\n", await SandboxLab.ShellAsync(attached!, "echo thawed"));
        await Record.ExceptionAsync(() => attached!.RunAsync(ExecSpec.Shell("kill -9 1; sleep 10"), null, Cancellation));
        await attached!.Lost.WaitAsync(Cancellation);
        Assert.Null(await next.AttachAsync(lab.Spec(), Cancellation));
        Assert.Empty(await next.ListAsync(Cancellation));
    }

    [Fact]
    public async Task What_waited_in_the_pool_of_a_killed_service_is_removed_by_the_next_one()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var killed = lab.NewRuntime(o => o.WarmPoolSize = 2); // never disposed, as a killed process would not
        await killed.WarmAsync(lab.Spec().Resources, Cancellation);
        Assert.Equal(2, PooledNames(lab).Count);

        await using var cell = await lab.StartAsync();
        Assert.Empty(PooledNames(lab));
        await cell.StopAsync(Cancellation);
        Assert.Empty(lab.Traces());
        await killed.DisposeAsync(); // holds the folder of the lab until here, as no killed process would
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_sandbox_that_died_is_not_handed_out_and_leaves_nothing(bool seenToDie)
    {
        await using var lab = await SandboxLab.OpenAsync(warmPoolSize: 1);
        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation);
        var pid = int.Parse(await File.ReadAllTextAsync($"{lab.RuntimeRoot}/{PooledNames(lab)[0]}/pid", Cancellation));
        var group = File.ReadLines($"/proc/{pid}/cgroup").Select(line => line.Split(':')).First(f => f[1].Contains("freezer", StringComparison.Ordinal) || f[1].Length == 0)[2];
        _ = Libc.Kill(pid, Libc.SigKill);
        if (seenToDie)
            await Cgroup.At(group).ThawAsync(Cancellation); // it waits frozen, and what is frozen cannot end
        while (seenToDie && Directory.Exists($"/proc/{pid}"))
            await Task.Delay(20, Cancellation);

        await using var cell = await lab.StartAsync();
        Assert.Equal("1\n", await SandboxLab.ShellAsync(cell, "echo 1"));
        await cell.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_cell_from_the_pool_is_what_it_is_without_one()
    {
        await using var lab = await SandboxLab.OpenAsync(warmPoolSize: 1);
        var tools = Directory.CreateDirectory(Path.Combine(lab.DataRoot, "tools"));
        await File.WriteAllTextAsync(Path.Combine(tools.FullName, "tool"), "tool", Cancellation);
        var spec = lab.Spec() with { ReadOnlyMounts = new Dictionary<string, string> { ["/opt/tools"] = tools.FullName } };
        var descriptions = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            if (start == 1)
                await lab.Runtime.WarmAsync(spec.Resources, Cancellation);
            await using var cell = await lab.Runtime.StartAsync(spec, Cancellation);
            Assert.Equal(start == 1, (await File.ReadAllTextAsync($"{lab.RuntimeRoot}/cell/sandbox.json", Cancellation)).Contains(".pool-", StringComparison.Ordinal));
            descriptions.Add(await SandboxLab.ShellAsync(cell, """
                cut -d' ' -f2 /proc/mounts | sort
                grep -E '^(Cap|NoNewPrivs|Seccomp|Uid|Gid|Groups)' /proc/1/status /proc/self/status
                tr '\0' ' ' < /proc/1/cmdline; tr '\0' '\n' < /proc/1/environ | sort; env | sort
                for i in 0 1 2; do readlink /proc/1/fd/$i | sed 's/^host:.*/.dev.null/'; done | tr / .; readlink /proc/1/cwd
                ls -a / /dev /dev/pts /dev/shm /run/oncell /opt/tools; stat -c '%A %u %n' / /work /tmp /dev/shm /oncell/oncell-guest
                df /dev/shm | tail -1; nproc; ulimit -a; umask; hostname
                for f in /run/oncell/x /oncell/oncell-guest /opt/tools/tool /sys/x; do (echo x >> $f) 2>/dev/null || echo refused $f; done
                for f in /work /tmp /var/lib/oncell /etc; do echo x > $f/written && rm $f/written && echo $f; done
                mount -t tmpfs x /mnt 2>&1 | tail -c 30; cat /opt/tools/tool
                """));
            await cell.StopAsync(Cancellation);
        }

        foreach (var refused in (string[])["/run/oncell/x", "/oncell/oncell-guest", "/opt/tools/tool"])
            Assert.Contains("refused " + refused, descriptions[0], StringComparison.Ordinal);
        Assert.Equal(descriptions[0], descriptions[1]);
    }

    [Theory]
    [InlineData("mv /var/lib /var/away && ln -s /proc /var/lib")]
    [InlineData("mv /var /away && ln -s /proc/binds /var")]
    [InlineData("mkdir -p /cell /binds && touch /guest && chmod 0 /cell /binds /dev /oncell")]
    [InlineData("mv /run /away && ln -s / /run; rm -rf /opt && ln -s /proc/1/root /opt")]
    public async Task Whatever_a_cell_made_of_its_root_it_starts_from_the_pool_and_sees_nothing_of_it(string hostile)
    {
        await using var lab = await SandboxLab.OpenAsync(warmPoolSize: 1);
        await using (var cell = await lab.StartAsync())
        {
            await SandboxLab.ShellAsync(cell, $"({hostile}) 2>/dev/null; true");
            await cell.StopAsync(Cancellation);
        }

        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation);
        await using var again = await lab.StartAsync();
        var seen = await SandboxLab.ShellAsync(again, "cut -d' ' -f2 /proc/mounts; ls -d /proc/binds /proc/cell /proc/guest 2>/dev/null; cat /proc/1/cmdline");
        Assert.DoesNotContain("binds", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("/cell", seen, StringComparison.Ordinal);
        Assert.EndsWith("/oncell/oncell-guest\0init\0", seen, StringComparison.Ordinal);
        await again.StopAsync(Cancellation);
        await lab.Runtime.DestroyAsync(lab.Spec().Id, Cancellation);
        Assert.DoesNotContain(lab.RuntimeRoot + "/cell", await File.ReadAllTextAsync("/proc/mounts", Cancellation), StringComparison.Ordinal);
    }

    private static List<string> PooledNames(SandboxLab lab) =>
        [.. Directory.GetDirectories(lab.RuntimeRoot, ".pool-*").Select(path => Path.GetFileName(path))];
}
