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
        Assert.DoesNotContain("pause", await SandboxLab.ShellAsync(first, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"), StringComparison.Ordinal);
        await SandboxLab.ShellAsync(first, "echo kept > /work/file; ls /pause && exit 1; true");

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
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_sandbox_that_died_is_not_handed_out_and_leaves_nothing(bool seenToDie)
    {
        await using var lab = await SandboxLab.OpenAsync(warmPoolSize: 1);
        await lab.Runtime.WarmAsync(lab.Spec().Resources, Cancellation);
        var pid = int.Parse(await File.ReadAllTextAsync($"{lab.RuntimeRoot}/{PooledNames(lab)[0]}/pid", Cancellation));
        _ = Libc.Kill(pid, Libc.SigKill);
        while (seenToDie && Directory.Exists($"/proc/{pid}"))
            await Task.Delay(20, Cancellation);

        await using var cell = await lab.StartAsync();
        Assert.Equal("1\n", await SandboxLab.ShellAsync(cell, "echo 1"));
        await cell.StopAsync(Cancellation);
    }

    private static List<string> PooledNames(SandboxLab lab) =>
        [.. Directory.GetDirectories(lab.RuntimeRoot, ".pool-*").Select(path => Path.GetFileName(path))];
}
