using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

public sealed class InteractiveTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_terminal_takes_typing_and_has_a_size()
    {
        await using var guest = await GuestProcess.StartAsync();
        await using var handle = await guest.Channel.StartExecAsync(
            ExecSpec.Command("/bin/sh") with { WorkingDirectory = guest.WorkFolder, Terminal = new TerminalSize(30, 100) },
            Token);
        await handle.WriteInputAsync("tty && stty size\n"u8.ToArray(), Token);
        var resized = false;
        var seen = new StringBuilder();
        var result = await handle.WaitAsync(
            output =>
            {
                seen.Append(Encoding.UTF8.GetString(output.Data.Span));
                if (resized || !seen.ToString().Contains("30 100"))
                    return;
                resized = true;
                _ = ResizeAndLeaveAsync(handle);
            },
            Token);
        Assert.Contains("/dev/pts/", seen.ToString());
        Assert.Contains("50 120", seen.ToString());
        Assert.Equal(5, result.ExitCode);
    }

    [Fact]
    public async Task Control_C_interrupts_the_foreground_job()
    {
        await using var guest = await GuestProcess.StartAsync();
        await using var handle = await guest.Channel.StartExecAsync(
            guest.Shell("trap 'exit 7' INT; echo ready; while :; do sleep 0.02; done")
                with
            { Terminal = new TerminalSize(24, 80) },
            Token);
        var result = await handle.WaitAsync(
            output =>
            {
                if (Encoding.UTF8.GetString(output.Data.Span).Contains("ready"))
                    _ = handle.WriteInputAsync(new byte[] { 3 }, Token);
            },
            Token);
        Assert.Equal(7, result.ExitCode);
    }

    [Fact]
    public async Task Typed_input_without_a_terminal_ends_when_it_is_ended()
    {
        await using var guest = await GuestProcess.StartAsync();
        await using var handle = await guest.Channel.StartExecAsync(
            guest.Shell("cat") with { InteractiveInput = true, MaxOutputBytes = 4 << 20 }, Token);
        var bytes = new byte[3_000_000];
        new Random(5).NextBytes(bytes);
        var wait = handle.WaitAsync(null, Token);
        await handle.WriteInputAsync(bytes, Token);
        await handle.EndInputAsync(Token);
        Assert.Equal(bytes, (await wait).Stdout);
        await Assert.ThrowsAsync<InvalidOperationException>(() => handle.WriteInputAsync(bytes, Token));
    }

    [Fact]
    public async Task Input_that_nobody_reads_does_not_hold_up_the_end()
    {
        await using var guest = await GuestProcess.StartAsync();
        await using var handle = await guest.Channel.StartExecAsync(
            guest.Shell("sleep 0.3; exit 4") with { InteractiveInput = true }, Token);
        var write = handle.WriteInputAsync(new byte[5_000_000], Token);
        Assert.Equal(4, (await handle.WaitAsync(null, Token)).ExitCode);
        await write;
    }

    private static async Task ResizeAndLeaveAsync(ExecHandle handle)
    {
        await handle.ResizeAsync(new TerminalSize(50, 120), Token);
        await handle.WriteInputAsync("stty size; exit 5\n"u8.ToArray(), Token);
    }
}
