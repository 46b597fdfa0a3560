using System.Text;
using OnCell.Indexing;
using OnCell.Indexing.Ignoring;

namespace OnCell.Index.Tests.Ignoring;

public sealed class GlobTests
{
    [Theory]
    [InlineData("**/*.{ts,py}", "src/a.ts", true)]
    [InlineData("**/*.{ts,py}", "a.py", true)]
    [InlineData("**/*.{ts,py}", "a.go", false)]
    [InlineData("*.go", "deep/down/a.go", true)]
    [InlineData("src/**", "src/a/b.c", true)]
    [InlineData("src/**", "lib/a.c", false)]
    [InlineData("src/*.c", "src/a/b.c", false)]
    [InlineData("{src,lib}/{a,b{1,2}}.c", "lib/b2.c", true)]
    [InlineData("./src/[a-c]?.c", "src/bx.c", true)]
    public void Globs_choose_files(string glob, string path, bool expected)
        => Assert.Equal(expected, Matches(GlobSet.Parse([glob]), path));

    [Fact]
    public void An_exclamation_mark_takes_files_away()
    {
        var set = GlobSet.Parse(["**/*.ts", "!**/*.d.ts"]);
        Assert.True(Matches(set, "a.ts"));
        Assert.False(Matches(set, "types/a.d.ts"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("*.{ts")]
    [InlineData("*.ts}")]
    [InlineData("[a")]
    [InlineData("/etc/*")]
    [InlineData("../x")]
    [InlineData("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")]
    public void What_is_no_glob_is_refused(string glob)
    {
        var error = Assert.Throws<CodeIndexException>(() => GlobSet.Parse([glob]));
        Assert.Equal(CodeIndexError.InvalidGlob, error.Error);
    }

    [Fact]
    public void A_hostile_glob_takes_no_exponential_time()
    {
        var glob = GlobCompiler.Compile(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("*a", 100)) + "[b]"), pathname: true)!;
        Assert.False(GlobMatcher.IsMatch(glob, Encoding.UTF8.GetBytes(new string('a', 4_000))));
    }

    private static bool Matches(GlobSet set, string path)
        => set.IsMatch(Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(Path.GetFileName(path)));
}
