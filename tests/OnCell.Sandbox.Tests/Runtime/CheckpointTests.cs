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

    [Fact]
    public async Task A_sandbox_with_live_connections_or_callers_is_not_checkpointed_and_goes_on()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.Runtime.StartAsync(lab.Spec() with { Checkpoints = true }, Cancellation);
        await using (var caller = await sandbox.StartExecAsync(ExecSpec.Shell("sleep 1000"), Cancellation))
            await AssertBusyAsync("without a key");
        while ((await SandboxLab.ShellAsync(sandbox, "cat /proc/[0-9]*/cmdline 2>/dev/null; true")).Contains("sleep", StringComparison.Ordinal))
            await Task.Delay(20, Cancellation);

        await SandboxLab.ShellAsync(sandbox, "echo x > index.html");
        await using (var server = await sandbox.StartExecAsync(ExecSpec.Shell("exec python3 -u -m http.server 8080") with { Key = "server" }, Cancellation))
        {
            var listening = new TaskCompletionSource();
            var end = server.WaitAsync(_ => listening.TrySetResult(), Cancellation);
            await listening.Task.WaitAsync(Cancellation);
            await using (await sandbox.ConnectPortAsync(8080, Cancellation))
                await AssertBusyAsync("to ports");
            await server.SignalAsync(9, Cancellation);
            await end;
        }

        foreach (var (name, connect) in ((string, string)[])[
            ("proxy", "s = socket.create_connection(('127.0.0.1', 3128))"),
            ("socket", "s = socket.socket(socket.AF_UNIX); s.connect('/run/oncell/egress.sock')")])
        {
            var program = $"import socket, time; {connect}; s.sendall(bytes([5, 1, 0])); print(s.recv(2), flush=True); time.sleep(1000)";
            await using var client = await sandbox.StartExecAsync(ExecSpec.Command("python3", "-c", program) with { Key = name }, Cancellation);
            var up = new TaskCompletionSource();
            var end = client.WaitAsync(_ => up.TrySetResult(), Cancellation);
            await up.Task.WaitAsync(Cancellation);
            await AssertBusyAsync("connections");
            await client.SignalAsync(9, Cancellation);
            await end;
        }

        async Task AssertBusyAsync(string reason)
        {
            var error = await Assert.ThrowsAsync<SandboxBusyException>(() => sandbox.CheckpointAsync(Cancellation));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Equal("on\n", await SandboxLab.ShellAsync(sandbox, "echo on"));
        }
    }

    // gVisor's kernel cannot save such a socket and ends; only who dials the host's socket by hand can have one.
    [Fact]
    public async Task A_command_that_keeps_a_socket_which_the_host_has_closed_costs_the_processes_and_no_file()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var spec = lab.Spec() with { Checkpoints = true };
        var sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
        var program = "import socket, time; s = socket.socket(socket.AF_UNIX); s.connect('/run/oncell/egress.sock'); s.sendall(b'x\\n\\n'); print(s.recv(1000), flush=True); time.sleep(1000)";
        await using (var client = await sandbox.StartExecAsync(ExecSpec.Command("python3", "-c", program) with { Key = "client" }, Cancellation))
        {
            var closed = new TaskCompletionSource();
            var end = client.WaitAsync(_ => closed.TrySetResult(), Cancellation);
            await closed.Task.WaitAsync(Cancellation);
            await SandboxLab.ShellAsync(sandbox, "echo kept > file");
            var error = await Assert.ThrowsAsync<SandboxLostException>(() => sandbox.CheckpointAsync(Cancellation));
            Assert.InRange(error.Message.Length, 1, 3000);
            await Assert.ThrowsAsync<SandboxLostException>(() => end);
        }

        Assert.Empty(lab.Traces());
        Assert.Equal([], Directory.GetDirectories(spec.Folder, "checkpoint*"));
        sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
        Assert.Equal("kept\n", await SandboxLab.ShellAsync(sandbox, "cat file"));
        Assert.Equal(ExecState.Interrupted, await sandbox.FindExecAsync("client", Cancellation));
        await sandbox.StopAsync(Cancellation);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("pages")]
    [InlineData("spec")]
    [InlineData("note")]
    [InlineData("off")]
    public async Task A_checkpoint_that_cannot_be_used_is_a_start_with_all_files(string fault)
    {
        await using var lab = await SandboxLab.OpenAsync();
        var spec = lab.Spec() with { Checkpoints = true };
        var sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
        await using (await sandbox.StartExecAsync(ExecSpec.Shell("sleep 1000") with { Key = "sleeper" }, Cancellation))
            await SandboxLab.ShellAsync(sandbox, "echo kept > file");
        await sandbox.CheckpointAsync(Cancellation);
        var checkpoint = spec.Folder + "/checkpoint";
        switch (fault)
        {
            case "state":
                await File.WriteAllBytesAsync(checkpoint + "/checkpoint.img", new byte[100_000], Cancellation);
                break;
            case "pages":
                File.Delete(checkpoint + "/pages.img");
                break;
            case "note":
                await File.WriteAllTextAsync(checkpoint + "/checkpoint.json", "{ half", Cancellation);
                break;
            case "spec":
                spec = spec with { Environment = new Dictionary<string, string> { ["NEW"] = "1" } };
                break;
            default:
                spec = spec with { Checkpoints = false };
                break;
        }

        sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
        Assert.Equal("kept\n", await SandboxLab.ShellAsync(sandbox, "cat file"));
        Assert.Equal(ExecState.Interrupted, await sandbox.FindExecAsync("sleeper", Cancellation));
        Assert.Equal([], Directory.GetDirectories(spec.Folder, "checkpoint*"));
        await sandbox.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Another_process_restores_a_frozen_then_checkpointed_sandbox_and_a_restored_volume_has_no_checkpoint()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var spec = lab.Spec() with { Checkpoints = true };
        var sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
        await using (await sandbox.StartExecAsync(ExecSpec.Shell("sleep 1000") with { Key = "sleeper" }, Cancellation))
            await lab.Runtime.Snapshots.CreateAsync(spec.Id, spec.Folder, "one", Cancellation);
        await sandbox.FreezeAsync(Cancellation);
        await sandbox.CheckpointAsync(Cancellation);

        await using var next = lab.NewRuntime();
        Assert.Null(await next.AttachAsync(spec, Cancellation));
        sandbox = await next.StartAsync(spec, Cancellation);
        Assert.Equal(ExecState.Running, await sandbox.FindExecAsync("sleeper", Cancellation));
        await sandbox.CheckpointAsync(Cancellation);
        await next.Snapshots.RestoreAsync(spec.Id, spec.Folder, "one", Cancellation);
        sandbox = await next.StartAsync(spec, Cancellation);
        Assert.NotEqual(ExecState.Running, await sandbox.FindExecAsync("sleeper", Cancellation));
        await sandbox.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_sandbox_that_was_not_started_for_it_is_not_checkpointed()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        await Assert.ThrowsAsync<NotSupportedException>(() => sandbox.CheckpointAsync(Cancellation));
        Assert.Equal("on\n", await SandboxLab.ShellAsync(sandbox, "echo on"));
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
