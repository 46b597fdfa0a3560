using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Host;

public sealed class HostCommandTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Keeps_output_error_and_exit_code_apart()
    {
        var result = await HostCommand.RunAsync(
            "sh", ["-c", "echo out; echo err >&2; exit 3"], Long, TestContext.Current.CancellationToken);

        Assert.Equal(new HostCommandResult(3, "out\n", "err\n"), result);
    }

    [Fact]
    public async Task A_failure_carries_the_programs_own_words()
    {
        var error = await Assert.ThrowsAsync<SandboxException>(() => HostCommand.RunCheckedAsync(
            "sh", ["-c", "echo no such thing >&2; exit 7"], Long, TestContext.Current.CancellationToken));

        Assert.Contains("exit code 7: no such thing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_hangs_is_killed()
    {
        var error = await Assert.ThrowsAsync<SandboxException>(() => HostCommand.RunAsync(
            "sleep", ["1000"], TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));

        Assert.Contains("was killed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_program_says_how_to_get_it()
    {
        var error = await Assert.ThrowsAsync<SandboxException>(() => HostCommand.RunAsync(
            "no-such-program", [], Long, TestContext.Current.CancellationToken));

        Assert.Contains("eng/setup.sh", error.Message, StringComparison.Ordinal);
    }
}
