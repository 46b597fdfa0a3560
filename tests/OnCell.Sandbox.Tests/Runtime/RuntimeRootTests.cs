using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>A runtime's folder goes with the last runtime and the last sandbox, and never under another's hands.</summary>
public sealed class RuntimeRootTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Root => _folder["runtime"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_stays_while_a_sandbox_runs_on_and_goes_with_the_runtime_that_ends_it()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using (var first = lab.NewRuntime(o => o.WarmPoolSize = 1))
        {
            await first.ProbeAsync(Cancellation);
            await first.WarmAsync(lab.Spec().Resources, Cancellation);
            await using var sandbox = await first.StartAsync(lab.Spec(), Cancellation);
        }

        Assert.True(Directory.Exists(lab.RuntimeRoot));
        await using (var second = lab.NewRuntime())
        {
            await using var sandbox = await second.AttachAsync(lab.Spec(), Cancellation);
            await sandbox!.StopAsync(Cancellation);
        }

        Assert.False(Directory.Exists(lab.RuntimeRoot));
    }

    [Fact]
    public void It_stays_while_another_holds_it()
    {
        using var first = new RuntimeRoot(Root);
        using var second = new RuntimeRoot(Root);
        first.Hold();
        second.Hold();
        first.Dispose();
        Assert.True(Directory.Exists(Root));
        second.Dispose();
        Assert.False(Directory.Exists(Root));
        second.Dispose();
    }

    [Theory]
    [InlineData("cell/sandbox.json")]
    [InlineData(".pool-1/sandbox.json")]
    [InlineData(".runsc/cell_sandbox:cell.state")]
    [InlineData("note")]
    public void It_stays_with_what_is_in_it(string file)
    {
        using var root = new RuntimeRoot(Root);
        root.Hold();
        Directory.CreateDirectory(Path.GetDirectoryName(_folder["runtime/" + file])!);
        File.WriteAllText(_folder["runtime/" + file], "");
        root.Dispose();
        Assert.True(File.Exists(_folder["runtime/" + file]));
    }

    [Fact]
    public async Task It_is_there_for_whoever_holds_it_however_many_come_and_go()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(user => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                using var root = new RuntimeRoot(Root);
                root.Hold();
                Directory.CreateDirectory($"{Root}/.runsc");
                File.WriteAllText($"{Root}/cell-{user}", "");
                File.Delete($"{Root}/cell-{user}");
            }
        }, Cancellation)));
        Assert.False(Directory.Exists(Root));
    }
}
