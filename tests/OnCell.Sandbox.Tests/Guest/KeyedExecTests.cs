using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

public sealed class KeyedExecTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_runs_once_and_keeps_its_result()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("echo ran >> ran; echo out; echo err >&2; exit 3", "run/1#2");
        Assert.Equal(ExecState.Unknown, await guest.Channel.FindExecAsync("run/1#2", Token));
        var first = await guest.RunAsync(spec);
        Assert.False(first.Reattached);
        await guest.RestartGuestAsync();
        Assert.Equal(ExecState.Finished, await guest.Channel.FindExecAsync("run/1#2", Token));
        var second = await guest.RunAsync(spec);
        Assert.True(second.Reattached);
        Assert.Equal(3, second.ExitCode);
        Assert.Equal(first.Duration, second.Duration);
        Assert.Equal("out\n", Encoding.UTF8.GetString(second.Stdout));
        Assert.Equal("err\n", Encoding.UTF8.GetString(second.Stderr));
        Assert.Single(File.ReadAllLines(Path.Combine(guest.WorkFolder, "ran")));
        Assert.Equal(["begin run/1#2 3 arguments", "end run/1#2 3"], guest.ExecLog);
    }

    [Fact]
    public async Task The_same_key_with_another_command_is_an_error()
    {
        await using var guest = await GuestProcess.StartAsync();
        await guest.RunAsync(guest.Shell("true", "k"));
        var e = await Assert.ThrowsAnyAsync<SandboxException>(() => guest.RunAsync(guest.Shell("false", "k")));
        Assert.Contains("another command", e.Message);
    }

    [Fact]
    public async Task A_command_is_found_followed_and_signalled_by_its_key_alone()
    {
        await using var guest = await GuestProcess.StartAsync();
        Assert.Null(await guest.Channel.AttachExecAsync("server", 1024, Token));
        await using (await guest.Channel.StartExecAsync(guest.Shell("trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.02; done", "server"), Token))
        {
        }

        await using var handle = await guest.Channel.AttachExecAsync("server", 1024, Token);
        var up = new TaskCompletionSource();
        var end = handle!.WaitAsync(_ => up.TrySetResult(), Token);
        await up.Task.WaitAsync(Token);
        await handle.SignalAsync(15, Token);
        var result = await end;
        Assert.Equal((4, "up\nbye\n", true), (result.ExitCode, Encoding.UTF8.GetString(result.Stdout), result.Reattached));

        await using var ended = await guest.Channel.AttachExecAsync("server", 1024, Token);
        Assert.Equal(4, (await ended!.WaitAsync(null, Token)).ExitCode);
    }

    [Fact]
    public async Task A_forgotten_key_may_run_again()
    {
        await using var guest = await GuestProcess.StartAsync();
        await guest.RunAsync(guest.Shell("echo a", "k"));
        await guest.Channel.ForgetExecAsync("k", Token);
        Assert.Equal(ExecState.Unknown, await guest.Channel.FindExecAsync("k", Token));
        Assert.False((await guest.RunAsync(guest.Shell("echo b", "k"))).Reattached);
    }

    [Fact]
    public async Task A_command_goes_on_while_the_host_is_away_and_its_output_is_replayed()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two", "k");
        var handle = await guest.Channel.StartExecAsync(spec, Token);
        await guest.RestartHostAsync();
        Assert.Equal(ExecState.Running, await guest.Channel.FindExecAsync("k", Token));
        var again = guest.RunAsync(spec);
        await File.WriteAllTextAsync(Path.Combine(guest.WorkFolder, "go"), "", Token);
        var result = await again;
        Assert.True(result.Reattached);
        Assert.Equal("one\ntwo\n", Encoding.UTF8.GetString(result.Stdout));
        Assert.Equal(2, guest.ExecLog.Length);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => handle.WaitAsync(null, Token));
        await handle.DisposeAsync();
    }

    [Fact]
    public async Task A_command_whose_sandbox_died_is_interrupted_for_ever()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("echo begun; exec sleep 100", "k");
        var heard = new TaskCompletionSource();
        await using var handle = await guest.Channel.StartExecAsync(spec, Token);
        var wait = handle.WaitAsync(_ => heard.TrySetResult(), Token);
        await heard.Task;
        guest.Channel.MarkLost("killed by a test");
        await Assert.ThrowsAsync<SandboxLostException>(() => wait);
        await Assert.ThrowsAsync<SandboxLostException>(() => guest.RunAsync(guest.Shell("true")));
        for (var i = 0; i < 2; i++)
        {
            await guest.RestartGuestAsync();
            Assert.Equal(ExecState.Interrupted, await guest.Channel.FindExecAsync("k", Token));
            var result = await guest.RunAsync(spec);
            Assert.Equal(ExecOutcome.Interrupted, result.Outcome);
            Assert.Equal(-1, result.ExitCode);
            Assert.Equal("begun\n", Encoding.UTF8.GetString(result.Stdout));
        }
        Assert.Equal(["begin k 3 arguments"], guest.ExecLog);
    }

    [Fact]
    public async Task A_torn_beginning_began_nothing_and_a_torn_end_ended_nothing()
    {
        await using var guest = await GuestProcess.StartAsync();
        foreach (var key in new[] { "begin", "end" })
        {
            await guest.RunAsync(guest.Shell("true", key));
            var record = Path.Combine(guest.StateFolder, "exec", key, key);
            await File.WriteAllBytesAsync(record, (await File.ReadAllBytesAsync(record, Token))[..^3], Token);
        }
        await guest.RestartGuestAsync();
        Assert.Equal(ExecState.Unknown, await guest.Channel.FindExecAsync("begin", Token));
        Assert.Equal(ExecState.Interrupted, await guest.Channel.FindExecAsync("end", Token));
        Assert.False((await guest.RunAsync(guest.Shell("true", "begin"))).Reattached);
        Assert.Equal(ExecOutcome.Interrupted, (await guest.RunAsync(guest.Shell("true", "end"))).Outcome);
    }

    [Fact]
    public async Task Kept_output_has_the_same_head_and_tail_as_the_live_one()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("seq 1 300000; seq 1 10 >&2", "k") with { MaxOutputBytes = 10_001 };
        var live = await guest.RunAsync(spec);
        var kept = await guest.RunAsync(spec);
        Assert.True(kept.Reattached);
        Assert.Equal(live.Stdout, kept.Stdout);
        Assert.Equal(live.StdoutOmitted, kept.StdoutOmitted);
        Assert.Equal(1_988_895 - 10_001, kept.StdoutOmitted);
        Assert.Equal(live.Stderr, kept.Stderr);
    }

    [Fact]
    public async Task Two_callers_of_one_key_get_the_same()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("echo $$; sleep 0.2; echo end", "k");
        var results = await Task.WhenAll(guest.RunAsync(spec), guest.RunAsync(spec), guest.RunAsync(spec));
        Assert.Single(results.Select(r => Encoding.UTF8.GetString(r.Stdout)).Distinct());
        Assert.Single(results, r => !r.Reattached);
    }

    [Fact]
    public async Task Shutting_down_interrupts_what_runs()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("exec sleep 100", "k");
        await using var handle = await guest.Channel.StartExecAsync(spec, Token);
        await guest.Channel.ShutdownAsync(TimeSpan.FromSeconds(5), Token);
        await guest.WaitForExitAsync();
        await guest.RestartGuestAsync();
        Assert.Equal(ExecOutcome.Interrupted, (await guest.RunAsync(spec)).Outcome);
    }
}
