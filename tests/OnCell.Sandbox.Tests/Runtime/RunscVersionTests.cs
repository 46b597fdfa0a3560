using OnCell.Sandboxes;
using OnCell.Sandboxes.Runtime;
using OnCell.Tests;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class RunscVersionTests
{
    [Theory]
    [InlineData("runsc version 0.0~20240729.0\nspec: 1.0.2-dev\n", 20240729)]
    [InlineData("runsc version release-20250203.0\nspec: 1.1.0-rc.1\n", 20250203)]
    [InlineData("runsc version release-20221219.0-12-gabcdef\n", 20221219)]
    public void Reads_debians_and_gvisors_own_forms(string output, int release) => Assert.Equal(release, RunscVersion.Parse(output));

    [Theory]
    [InlineData("runsc version 0.0~20221219.0")]
    [InlineData("runsc version VERSION_MISSING")]
    [InlineData("")]
    public void Refuses_old_and_unknown_ones_with_the_fix(string output)
    {
        var error = Assert.Throws<SandboxException>(() => RunscVersion.Require(output));
        Assert.Contains("20240729 or newer", error.Message, StringComparison.Ordinal);
        Assert.Contains("bookworm-backports", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_installs_the_release_that_the_runtime_wants() => Assert.Contains(
        $"RUNSC_MINIMUM={RunscVersion.Minimum} ", File.ReadAllText(Repository.PathOf("eng", "setup.sh")), StringComparison.Ordinal);
}
