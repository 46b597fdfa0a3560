using System.Diagnostics;

namespace OnCell.Cli.Tests;

/// <summary><c>oncell cells shell</c> in a real terminal: tmux, which has a size that changes and keys that a person types.</summary>
public sealed class TerminalTests(Service service) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-cli-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_shell_has_the_terminals_size_follows_its_changes_and_hears_its_signals()
    {
        var oncell = Path.Combine(AppContext.BaseDirectory, "oncell");
        await TmuxAsync("new-session", "-d", "-x", "100", "-y", "30", "-e", $"ONCELL_URL={service.Url}", "-e", $"ONCELL_KEY={Service.AdministratorKey}",
            $"{oncell} cells shell acme; echo ended with $?; sleep 100");
        try
        {
            await SeeAsync("#");
            await TypeAsync("stty size");
            await SeeAsync("30 100");
            await TmuxAsync("resize-window", "-x", "120", "-y", "40");
            await SeeAsync("40 120", retype: "clear; stty size");
            await TypeAsync("bash -c 'echo run\"\"ning; exec sleep 1000'");
            await SeeAsync("running"); // before that a Ctrl-C would be for the shell, and not for the command
            await TmuxAsync("send-keys", "C-c");
            await SeeAsync("42 answers", retype: "echo $((6 * 7)) answers");
            await SeeAsync("ended with 3", retype: "exit 3");
        }
        finally
        {
            await TmuxAsync("kill-server");
        }
    }

    private Task TypeAsync(string line) => TmuxAsync("send-keys", line, "Enter");

    private async Task SeeAsync(string text, string? retype = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (retype is not null) await TypeAsync(retype);
            await Task.Delay(100, Ct);
            var screen = await TmuxAsync("capture-pane", "-p");
            if (screen.Contains(text, StringComparison.Ordinal)) return;
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"\"{text}\" is not on the screen:\n{screen}");
        }
    }

    private async Task<string> TmuxAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("tmux", ["-S", Path.Combine(_folder, "tmux"), "-f", "/dev/null", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Ct);
        var output = await process.StandardOutput.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        Assert.True(process.ExitCode == 0, $"tmux {string.Join(' ', arguments)}: {await errors}");
        return output;
    }
}
