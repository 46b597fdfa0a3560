using OnCell.Tests;

namespace OnCell.Sandbox.Tests.Samples;

/// <summary>The sample does all that it says, and leaves nothing but the base system.</summary>
public sealed class SandboxSampleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task It_runs_serves_forks_freezes_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var program = Directory.GetFiles(Repository.PathOf("samples", "SandboxSample", "bin"), "SandboxSample.dll", SearchOption.AllDirectories)
            .OrderByDescending(File.GetLastWriteTimeUtc).First();
        var said = await HostProgram.RunAsync("env", [$"TMPDIR={folder.Path}", "dotnet", program], Limit, TestContext.Current.CancellationToken);
        Assert.Contains("preview: hello", said, StringComparison.Ordinal);
        Assert.Contains("the fork has hello", said, StringComparison.Ordinal);
        Assert.EndsWith("thawed: still here\n", said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path, "sandbox-sample-*"));
    }
}
