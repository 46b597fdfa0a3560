using System.Text;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.IsolationTests;

/// <summary>Attacks by eating: each in a cell of its own, with a neighbour that must go on.</summary>
[Collection(CellPair.Collection)]
public class ResourceAttacks(CellPair cells)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fork_bomb_stays_in_its_cell()
    {
        await using var cell = await StartAsync("fork-bomb", pids: 300);
        await AttackAsync(cell, "bomb() { bomb | bomb & }; bomb; sleep 3");
        await cells.NeighbourIsUnharmedAsync();
        await EndsAsync(cell);
    }

    [Fact]
    public async Task A_thread_bomb_stays_in_its_cell()
    {
        await using var cell = await StartAsync("thread-bomb", pids: 300);
        await AttackAsync(cell, "python3 -c 'import threading,time\nfor i in range(5000): threading.Thread(target=time.sleep,args=(3,),daemon=True).start()'");
        await cells.NeighbourIsUnharmedAsync();
        await EndsAsync(cell);
    }

    [Fact]
    public async Task A_memory_balloon_stays_in_its_cell()
    {
        await using var cell = await StartAsync("balloon", memory: 256L << 20);
        await AttackAsync(cell, "python3 -c 'x=[]\nwhile True: x.append(bytearray(b\"x\"*(8<<20)))'");
        await cells.NeighbourIsUnharmedAsync();
        await EndsAsync(cell);
    }

    [Fact]
    public async Task Filling_shared_memory_meets_its_own_cap()
    {
        await using var cell = await StartAsync("shm", memory: 256L << 20);
        var result = await cell.RunAsync(ExecSpec.Shell("dd if=/dev/zero of=/dev/shm/big bs=1M count=2000"), null, Cancellation);
        Assert.Contains("No space left on device", Encoding.UTF8.GetString(result.Stderr), StringComparison.Ordinal);
        await cells.NeighbourIsUnharmedAsync();
        await EndsAsync(cell);
    }

    [Theory]
    [InlineData("/work/big")]
    [InlineData("/usr/big")]
    [InlineData("/tmp/big")]
    [InlineData("/var/lib/oncell/big")]
    public async Task Filling_the_disk_meets_the_volumes_cap_and_not_the_hosts(string file)
    {
        var free = new DriveInfo(cells.Lab.DataRoot).AvailableFreeSpace;
        await using var cell = await StartAsync("disk");
        var result = await cell.RunAsync(ExecSpec.Shell($"dd if=/dev/zero of={file} bs=1M count=4000"), null, Cancellation);
        Assert.Contains("No space left on device", Encoding.UTF8.GetString(result.Stderr), StringComparison.Ordinal);
        Assert.InRange(new FileInfo($"{cells.Lab.DataRoot}/disk/volume.img").Length, 0, 512 << 20);
        Assert.True(free - new DriveInfo(cells.Lab.DataRoot).AvailableFreeSpace < 1L << 30);
        await CellLab.ShellAsync(cell, $"rm {file}");
        await cells.NeighbourIsUnharmedAsync();
        await EndsAsync(cell);
    }

    [Fact]
    public async Task A_processor_hog_leaves_the_neighbour_answering()
    {
        await using var cell = await StartAsync("hog");
        await using var hog = await cell.StartExecAsync(ExecSpec.Shell("for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done; wait"), Cancellation);
        for (var i = 0; i < 5; i++)
            await cells.NeighbourIsUnharmedAsync();
        await EndsAsync(cell);
    }

    [Fact]
    public async Task An_endless_output_is_bounded_on_the_host()
    {
        await using var cell = await StartAsync("flood");
        var result = await cell.RunAsync(
            ExecSpec.Shell("timeout 2 yes") with { MaxOutputBytes = 1 << 16 }, null, Cancellation);
        Assert.InRange(result.Stdout.Length, 1, 1 << 16);
        Assert.True(result.StdoutOmitted > 1 << 20);
        await EndsAsync(cell);
    }

    private Task<OnCell.Sandboxes.Sandbox> StartAsync(string id, int pids = 1000, long memory = 512L << 20) => cells.Lab.Runtime.StartAsync(
        cells.Lab.Spec(id) with
        {
            Resources = new SandboxResources { Cpus = 1, MemoryBytes = memory, Pids = pids, StorageBytes = 512 << 20 },
        },
        Cancellation);

    // Whether the attack ends in an error, a time-out or the death of the attacker's own cell is all the same.
    private static Task<Exception?> AttackAsync(OnCell.Sandboxes.Sandbox cell, string line) => Record.ExceptionAsync(
        () => cell.RunAsync(ExecSpec.Shell(line) with { Timeout = TimeSpan.FromSeconds(20) }, null, Cancellation)).AsTask();

    private async Task EndsAsync(OnCell.Sandboxes.Sandbox cell)
    {
        await cell.StopAsync(Cancellation);
        Assert.DoesNotContain(cell.Id, await cells.Lab.Runtime.ListAsync(Cancellation));
        Assert.DoesNotContain(cells.Lab.Traces(), trace => trace.Contains($"/{cell.Id}", StringComparison.Ordinal));
    }
}
