using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>The host is killed again and again while a keyed command runs; whoever comes last gets all of it.</summary>
public sealed class KillLoopTests
{
    private const string Line = "for i in $(seq 1 400); do echo line $i; echo note $i >&2; sleep 0.005; done; exit 9";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Expected(string word) => string.Concat(Enumerable.Range(1, 400).Select(i => $"{word} {i}\n"));

    [Fact]
    public async Task Killed_hosts_neither_lose_nor_repeat_a_command()
    {
        await using var guest = await GuestProcess.StartAsync();
        await guest.Channel.DisposeAsync();
        var random = new Random(11);
        for (var kills = 0; kills < 8; kills++)
        {
            var streamed = new StringBuilder();
            using var host = HostProcess.Start(guest, "k", Line);
            Assert.Equal("listening", await host.StandardOutput.ReadLineAsync(Token));
            // From before its first word up to somewhere in the middle, further each time.
            for (var lines = random.Next(0, 40 * (kills + 1)); lines > 0; lines--)
                streamed.AppendLine(await host.StandardOutput.ReadLineAsync(Token));
            host.Kill();
            streamed.Append(await host.StandardOutput.ReadToEndAsync(Token));
            Assert.StartsWith(streamed.ToString(), Expected("line"));
            await host.WaitForExitAsync(Token);
        }
        await guest.RestartHostAsync();
        await AssertWholeAsync(guest);
    }

    [Fact]
    public async Task Broken_connections_neither_lose_nor_repeat_a_command()
    {
        await using var guest = await GuestProcess.StartAsync();
        var random = new Random(12);
        var spec = guest.Shell(Line, "k");
        for (var i = 0; i < 60; i++)
        {
            var run = guest.RunAsync(spec);
            await Task.Delay(random.Next(0, 40), Token);
            await guest.RestartHostAsync();
            await Assert.ThrowsAnyAsync<ObjectDisposedException>(() => run);
        }
        await AssertWholeAsync(guest);
    }

    [Fact]
    public async Task A_wait_outlives_its_connections()
    {
        await using var guest = await GuestProcess.StartAsync();
        var streamed = new StringBuilder();
        var run = guest.RunAsync(guest.Shell(Line, "k"), output =>
        {
            if (!output.IsError)
                streamed.Append(Encoding.UTF8.GetString(output.Data.Span));
        });
        var random = new Random(13);
        while (!run.IsCompleted)
        {
            guest.Channel.BreakConnection();
            await Task.Delay(random.Next(20, 60), Token);
        }
        Assert.Equal(Expected("line"), streamed.ToString());
        Assert.Equal(Expected("line"), Encoding.UTF8.GetString((await run).Stdout));
        await AssertWholeAsync(guest);
    }

    [Fact]
    public async Task A_command_without_a_key_fails_clearly_and_is_killed()
    {
        await using var guest = await GuestProcess.StartAsync();
        await using var handle = await guest.Channel.StartExecAsync(
            guest.Shell("echo $$ > pid; exec sleep 100"), Token);
        var pidFile = Path.Combine(guest.WorkFolder, "pid");
        while (!File.Exists(pidFile) || new FileInfo(pidFile).Length == 0)
            await Task.Delay(5, Token);
        guest.Channel.BreakConnection();
        var e = await Assert.ThrowsAnyAsync<SandboxException>(
            () => handle.WaitAsync(null, Token));
        Assert.IsNotType<SandboxLostException>(e);
        while (Directory.Exists($"/proc/{File.ReadAllText(pidFile).Trim()}"))
            await Task.Delay(5, Token);
    }

    private static async Task AssertWholeAsync(GuestProcess guest)
    {
        var result = await guest.RunAsync(guest.Shell(Line, "k"));
        Assert.True(result.Reattached);
        Assert.Equal(9, result.ExitCode);
        Assert.Equal(Expected("line"), Encoding.UTF8.GetString(result.Stdout));
        Assert.Equal(Expected("note"), Encoding.UTF8.GetString(result.Stderr));
        Assert.Equal(["begin k 3 arguments", "end k 9"], guest.ExecLog);
    }
}
