using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Host;

/// <summary>The thread that keeps moves between control groups quick: one for all who ask, gone with the last, and nothing is moved.</summary>
public sealed class CgroupMovesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_thread_for_all_who_ask_writes_itself_to_where_it_is(bool isUnified)
    {
        using var root = new TemporaryFolder();
        if (isUnified)
            await File.WriteAllTextAsync(root["cgroup.controllers"], "cpu\n", Cancellation);
        var list = root[isUnified ? "of/service/cgroup.threads" : "systemd/of/service/tasks"];
        Directory.CreateDirectory(Path.GetDirectoryName(list)!);
        await File.WriteAllTextAsync(list, "", Cancellation);
        await File.WriteAllTextAsync(root["memberships"], "8:pids:/hidden\n9:name=systemd:/of/service\n0::/of/service\n", Cancellation);

        var moves = new CgroupMoves(new CgroupTree(root.Path), root["memberships"]);
        var (first, second) = (moves.KeepQuick(), moves.KeepQuick());
        await WaitAsync(() => Written().Length > 0);
        var thread = Written();
        Assert.Equal(CgroupMoves.ThreadName, File.ReadAllText($"/proc/self/task/{thread}/comm").TrimEnd());
        first.Dispose();
        first.Dispose(); // counts once
        await File.WriteAllTextAsync(list, "", Cancellation);
        await WaitAsync(() => Written() == thread); // it goes on for the other
        second.Dispose();
        await WaitAsync(() => !Directory.Exists($"/proc/self/task/{thread}"));
        using (moves.KeepQuick())
            await WaitAsync(() => Written() != thread);

        string Written() => File.ReadAllText(list);
    }

    [Fact]
    public async Task On_the_host_nothing_is_moved()
    {
        var before = await File.ReadAllTextAsync("/proc/self/cgroup", Cancellation);
        using (CgroupMoves.Host.KeepQuick())
        {
            await WaitAsync(() => Threads().Any());
            await Task.Delay(20, Cancellation);
            Assert.All(Threads(), thread => Assert.Equal(before, File.ReadAllText($"{thread}/cgroup")));
        }

        Assert.Equal(before, await File.ReadAllTextAsync("/proc/self/cgroup", Cancellation));

        static IEnumerable<string> Threads() => Directory.GetDirectories("/proc/self/task").Where(t => Comm(t) == CgroupMoves.ThreadName);
    }

    [Fact]
    public async Task Where_it_may_not_it_lets_be()
    {
        using var empty = new TemporaryFolder();
        var moves = new CgroupMoves(new CgroupTree(empty.Path));
        for (var i = 0; i < 3; i++)
        {
            using var _ = moves.KeepQuick();
            await Task.Delay(10, Cancellation);
        }

        Assert.Empty(Directory.GetFileSystemEntries(empty.Path));
    }

    private static string Comm(string thread)
    {
        try
        {
            return File.ReadAllText(thread + "/comm").TrimEnd();
        }
        catch (IOException)
        {
            return ""; // ended as it was looked at
        }
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        while (!condition())
            await Task.Delay(1, limit.Token);
    }
}
