using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

public sealed class ExecTests
{
    [Fact]
    public async Task Output_and_exit_code_come_apart()
    {
        await using var guest = await GuestProcess.StartAsync();
        var result = await guest.RunAsync(guest.Shell("echo out; echo err >&2; exit 7"));
        Assert.Equal(ExecOutcome.Exited, result.Outcome);
        Assert.Equal(7, result.ExitCode);
        Assert.Equal("out\n", Encoding.UTF8.GetString(result.Stdout));
        Assert.Equal("err\n", Encoding.UTF8.GetString(result.Stderr));
        Assert.False(result.Reattached);
    }

    [Fact]
    public async Task Standard_input_arrives_whole()
    {
        await using var guest = await GuestProcess.StartAsync();
        var input = new byte[3_000_000];
        new Random(1).NextBytes(input);
        var result = await guest.RunAsync(guest.Shell("cat") with { StandardInput = input, MaxOutputBytes = 8 << 20 });
        Assert.Equal(input, result.Stdout);
    }

    [Fact]
    public async Task Without_standard_input_there_is_its_end()
    {
        await using var guest = await GuestProcess.StartAsync();
        Assert.Empty((await guest.RunAsync(guest.Shell("cat"))).Stdout);
    }

    [Fact]
    public async Task Environment_is_inherited_changed_and_removed()
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = guest.Shell("echo \"$A-${HOME+has}-$PATH\"") with
        {
            Environment = new Dictionary<string, string?> { ["A"] = "b c", ["HOME"] = null },
        };
        var result = await guest.RunAsync(spec);
        Assert.StartsWith("b c--/", Encoding.UTF8.GetString(result.Stdout));
    }

    [Theory]
    [InlineData("no-such-program", null, "no-such-program")]
    [InlineData("true", "/no/such/folder", "/no/such/folder")]
    [InlineData("/etc/passwd", null, "permission denied")]
    public async Task What_cannot_start_says_why(string program, string? folder, string said)
    {
        await using var guest = await GuestProcess.StartAsync();
        var spec = ExecSpec.Command(program) with { WorkingDirectory = folder ?? guest.WorkFolder };
        var result = await guest.RunAsync(spec);
        Assert.Equal(ExecOutcome.FailedToStart, result.Outcome);
        Assert.Equal(-1, result.ExitCode);
        Assert.Contains(said, result.Error);
    }

    [Fact]
    public async Task A_signal_is_told()
    {
        await using var guest = await GuestProcess.StartAsync();
        var result = await guest.RunAsync(guest.Shell("kill -TERM $$"));
        Assert.Equal(ExecOutcome.Signaled, result.Outcome);
        Assert.Equal(128 + 15, result.ExitCode);
    }

    [Fact]
    public async Task Time_outs_kill_the_whole_group()
    {
        await using var guest = await GuestProcess.StartAsync();
        var late = await guest.RunAsync(
            guest.Shell("echo begun; sleep 100 | sleep 100") with { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(ExecOutcome.TimedOut, late.Outcome);
        Assert.Equal("begun\n", Encoding.UTF8.GetString(late.Stdout));

        var silent = await guest.RunAsync(
            guest.Shell("echo a; sleep 0.1; echo b; sleep 100") with { NoOutputTimeout = TimeSpan.FromMilliseconds(400) });
        Assert.Equal(ExecOutcome.NoOutputTimedOut, silent.Outcome);
        Assert.Equal("a\nb\n", Encoding.UTF8.GetString(silent.Stdout));
    }

    [Fact]
    public async Task Signals_reach_the_command()
    {
        await using var guest = await GuestProcess.StartAsync();
        await using var handle = await guest.Channel.StartExecAsync(
            guest.Shell("trap 'echo got; exit 3' USR1; echo ready; while :; do sleep 0.05; done"),
            TestContext.Current.CancellationToken);
        var signalled = false;
        var result = await handle.WaitAsync(
            output =>
            {
                if (signalled)
                    return;
                signalled = true;
                _ = handle.SignalAsync(10, CancellationToken.None);
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(3, result.ExitCode);
        Assert.Equal("ready\ngot\n", Encoding.UTF8.GetString(result.Stdout));
    }

    [Fact]
    public async Task Much_output_keeps_its_head_and_tail()
    {
        await using var guest = await GuestProcess.StartAsync();
        var streamed = 0L;
        var result = await guest.RunAsync(
            guest.Shell("seq 1 2000000") with { MaxOutputBytes = 4096 }, o => streamed += o.Data.Length);
        Assert.Equal(14_888_896, streamed);
        Assert.Equal(14_888_896 - 4096, result.StdoutOmitted);
        Assert.StartsWith("1\n2\n3\n", Encoding.UTF8.GetString(result.Stdout));
        Assert.EndsWith("\n1999999\n2000000\n", Encoding.UTF8.GetString(result.Stdout));
    }

    [Fact]
    public async Task A_command_left_in_the_background_does_not_hold_up_the_end()
    {
        await using var guest = await GuestProcess.StartAsync();
        var result = await guest.RunAsync(guest.Shell("sleep 100 & echo $!"));
        Assert.Equal(0, result.ExitCode);
        System.Diagnostics.Process.GetProcessById(int.Parse(Encoding.UTF8.GetString(result.Stdout))).Kill();
    }

    [Fact]
    public async Task Letting_go_kills_a_command_without_a_key()
    {
        await using var guest = await GuestProcess.StartAsync();
        var pid = 0;
        await using (var handle = await guest.Channel.StartExecAsync(
            guest.Shell("echo $$; exec sleep 100"), TestContext.Current.CancellationToken))
        {
            using var heard = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handle.WaitAsync(
                o =>
                {
                    pid = int.Parse(Encoding.UTF8.GetString(o.Data.Span));
                    heard.Cancel();
                },
                heard.Token));
        }
        while (Directory.Exists($"/proc/{pid}"))
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Many_commands_run_at_once()
    {
        await using var guest = await GuestProcess.StartAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => guest.RunAsync(guest.Shell($"echo {i}"))));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}\n"), results.Select(r => Encoding.UTF8.GetString(r.Stdout)));
    }
}
