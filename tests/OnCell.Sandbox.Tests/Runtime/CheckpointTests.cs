using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class CheckpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_and_their_memory_go_on_after_a_checkpoint()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var spec = lab.Spec() with { Checkpoints = true };
        var counter = ExecSpec.Command("python3", "-u", "-c", "import time, os\nn = 0\nheap = os.urandom(1 << 20)\nwhile True:\n    n += 1\n    open('/work/count.new', 'w').write(str(n)); os.rename('/work/count.new', '/work/count')\n    time.sleep(0.05)") with { Key = "counter" };
        var sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
        await using (await sandbox.StartExecAsync(counter, Cancellation))
        {
        }

        await CountPastAsync(sandbox, 5);
        for (var round = 0; round < 2; round++)
        {
            await sandbox.CheckpointAsync(Cancellation);
            Assert.Empty(lab.Traces());
            var before = await CountAsync(spec);
            sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
            Assert.Equal(ExecState.Running, await sandbox.FindExecAsync("counter", Cancellation));
            Assert.True(await CountPastAsync(sandbox, before) > before);
            Assert.False(Directory.Exists(spec.Folder + "/checkpoint"));
        }

        await using var handle = await sandbox.AttachExecAsync("counter", 1024, Cancellation);
        var end = handle!.WaitAsync(null, Cancellation);
        await handle.SignalAsync(15, Cancellation);
        Assert.Equal(ExecOutcome.Signaled, (await end).Outcome);
        await sandbox.StopAsync(Cancellation);

        async Task<int> CountAsync(SandboxSpec s)
        {
            var volume = new OnCell.Sandboxes.Volumes.CellVolume(s.Folder, new VolumeOptions());
            await volume.MountAsync(s.Resources.StorageBytes, Cancellation);
            var count = int.Parse(await File.ReadAllTextAsync(volume.Work + "/count", Cancellation));
            await volume.UnmountAsync(Cancellation);
            return count;
        }
    }

    private static async Task<int> CountPastAsync(OnCell.Sandboxes.Sandbox sandbox, int least)
    {
        while (true)
        {
            try
            {
                var count = int.Parse(Encoding.UTF8.GetString(await sandbox.Files.ReadAsync("/work/count", 100, Cancellation)));
                if (count > least)
                    return count;
            }
            catch (FileNotFoundException)
            {
                // not begun yet
            }

            await Task.Delay(20, Cancellation);
        }
    }
}
