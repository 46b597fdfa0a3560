using System.Diagnostics;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;

namespace OnCell.Index.Tests.Indexing;

/// <summary>A process that is killed while it indexes leaves an index that works.</summary>
public sealed class KillTests : IDisposable
{
    private const int Files = 400;

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public async Task Killed_runs_leave_a_usable_index_that_finishes_next_time(int batchesBeforeKill)
    {
        for (var i = 0; i < Files; i++) _folder.Write($"work/d{i % 7}/f{i}.py", $"def function_{i}(value):\n    return value * {i}\n");
        await RunAndKillAsync(batchesBeforeKill);

        await using var index = await CodeIndex.OpenAsync(_folder.Path("index.db"), ct: Token);
        var before = await index.SearchAsync("function value", new SearchOptions { TopK = 1_000 }, Token);
        Assert.True(before.Count >= batchesBeforeKill);
        var report = await index.IndexAsync(_folder.Path("work"), ct: Token);
        Assert.Equal(before.Count, report.FilesUnchanged);
        Assert.Equal(Files, report.Chunks);
        Assert.Equal(Files, (await index.SearchAsync("function value", new SearchOptions { TopK = 1_000 }, Token)).Count);
    }

    /// <summary>Indexes in a process of its own: this test program, told by its environment (<see cref="IndexingChild"/>).</summary>
    private async Task RunAndKillAsync(int batches)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment[IndexingChild.Variable] = _folder.Root;
        using var child = Process.Start(start)!;
        for (var line = 0; line <= batches; line++)
        {
            var text = await child.StandardOutput.ReadLineAsync(Token);
            Assert.Equal("batch", text);
        }

        child.Kill();
        await child.WaitForExitAsync(Token);
        Assert.NotEqual(0, child.ExitCode);
    }
}
