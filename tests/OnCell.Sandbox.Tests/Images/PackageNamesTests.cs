using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Images;

public sealed class PackageNamesTests
{
    [Fact]
    public void Maps_common_names_sorts_and_always_adds_certificates() =>
        Assert.Equal(
            ["ca-certificates", "cargo", "git", "nodejs", "npm", "rustc"],
            PackageNames.Resolve(["rust", "nodejs", "git", "node", "git"]));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("Git")]
    [InlineData("git;reboot")]
    [InlineData("--option")]
    [InlineData("git/../x")]
    [InlineData("a b")]
    public void Refuses_what_cannot_be_a_name(string name)
    {
        var error = Assert.Throws<SandboxException>(() => PackageNames.Resolve([name]));
        Assert.Contains("is not a package name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_what_is_near_best_first()
    {
        string[] known = ["python3", "python3-pip", "perl", "nodejs", "nodeenv", "git", "gitk", "zsh"];
        Assert.Equal(["nodejs", "nodeenv"], PackageNames.Near("nodesj", known));
        Assert.Equal(["python3", "python3-pip"], PackageNames.Near("python", known));
        Assert.Equal("git", PackageNames.Near("gitt", known)[0]);
        Assert.Empty(PackageNames.Near("completely-else", known));
    }
}
