using System.Text;
using OnCell.Indexing.Ignoring;

namespace OnCell.Index.Tests.Ignoring;

public sealed class IgnoreRuleTests
{
    [Theory]
    [InlineData("/\\#h/**", "#h/#h", true)]
    [InlineData("a/foo**/b", "a/foo/x/b", true)]
    [InlineData("foo\\", "foo", false)]
    [InlineData("x\\ ", "x ", true)]
    [InlineData("x ", "x", true)]
    public void Rules_match_as_in_git(string line, string path, bool expected)
    {
        var rule = IgnoreRule.Parse(Encoding.UTF8.GetBytes(line));
        Assert.Equal(expected, rule?.Matches(Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(Path.GetFileName(path)), false) ?? false);
    }
}
