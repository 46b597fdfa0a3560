using System.Diagnostics;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Host;

public sealed class ProcessWatcherTests
{
    [Fact]
    public async Task Tells_the_end_of_each_watched_process_and_only_of_it()
    {
        using var watcher = new ProcessWatcher();
        using var first = Process.Start("sleep", "1000");
        using var second = Process.Start("sleep", "1000");
        var firstEnded = watcher.WhenEndedAsync(first.Id);
        var secondEnded = watcher.WhenEndedAsync(second.Id);

        first.Kill();
        await firstEnded.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(secondEnded.IsCompleted);

        second.Kill();
        await secondEnded.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_process_that_is_not_there_has_ended()
    {
        using var watcher = new ProcessWatcher();
        using var process = Process.Start("true");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(watcher.WhenEndedAsync(process.Id).IsCompletedSuccessfully);
    }
}
