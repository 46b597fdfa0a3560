using System.Net.Sockets;
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
            Assert.True(CgroupMoves.Host.IsMoving);
            Assert.All(Threads(), thread => Assert.Contains(Read(thread + "/cgroup"), (string[])[before, ""]));
        }

        Assert.Equal(before, await File.ReadAllTextAsync("/proc/self/cgroup", Cancellation));
    }

    [Theory]
    [InlineData("8:pids:/hidden\n0::/hidden\n")]
    [InlineData("8:pids:/locked\n")]
    [InlineData("no membership\n")]
    [InlineData(null)]
    public async Task Where_it_may_not_it_lets_be(string? memberships)
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root["pids/locked"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(root["pids/locked/tasks"])); // cannot be opened as a file, even by root
        if (memberships is not null)
            await File.WriteAllTextAsync(root["memberships"], memberships, Cancellation);
        var moves = new CgroupMoves(new CgroupTree(root.Path), root["memberships"]);
        for (var i = 0; i < 3; i++)
        {
            using var _ = moves.KeepQuick();
            await Task.Delay(10, Cancellation);
        }

        await WaitAsync(() => !moves.IsMoving); // an exception in the thread would have ended this process
    }

    private static IEnumerable<string> Threads() => Directory.GetDirectories("/proc/self/task").Where(t => Read(t + "/comm").TrimEnd() == CgroupMoves.ThreadName);

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // the thread ended as it was looked at
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
