using System.Text;
using CsCheck;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;
using OnCell.Indexing.Ignoring;
using OnCell.Indexing.Scanning;

namespace OnCell.Index.Tests.Ignoring;

/// <summary>Generated trees and ignore files, judged by git itself.</summary>
public sealed class GitIgnoreDifferentialTests
{
    private static readonly Gen<string> Name = Gen.OneOf("a", "b", "foo", "bar", "a.c", "b.c", "foo.txt", "x y", "[z]", "é", "#h", "!n", "foo1");

    private static readonly Gen<string> Fragment = Gen.OneOf(
        "a", "b", "foo", "bar", "*", "**", "?", "[a-c]", "[!a]", "[^b]", "*.c", "foo*", "*o", "\\[z\\]", "é", "b?r", "f**o", "[[:alpha:]]", "[]-]", "\\#h", "\\!n", "#h", "x y", "x\\ ", ".c", "[a", "foo\\", "***", "*1", "f[o]o", "[a-", "[[:nope:]]");

    private static readonly Gen<string> Rule =
        from negated in Gen.Bool
        from leading in Gen.Int[0, 3]
        from parts in Fragment.Array[1, 3]
        from trailing in Gen.Int[0, 5]
        select (negated && leading > 0 ? "!" : "") + (leading == 1 ? "/" : "") + string.Join(leading == 2 ? "" : "/", parts)
            + trailing switch { 0 => "/", 1 => "  ", 2 => "/**", 3 => "\r", _ => "" };

    private static readonly Gen<(string[] Files, string[] Root, string[] Nested, string[] Exclude)> Case =
        Gen.Select(
            Gen.Select(Name.Array[1, 4], parts => string.Join('/', parts)).Array[1, 12],
            Rule.Array[0, 5], Rule.Array[0, 3], Rule.Array[0, 2]);

    /// <summary>How many cases are judged; each starts git once. ONCELL_GITIGNORE_CASES=10000 for the long run.</summary>
    private static int Cases => int.TryParse(Environment.GetEnvironmentVariable("ONCELL_GITIGNORE_CASES"), out var cases) ? cases : 300;

    [Fact]
    public void Agrees_with_git_on_generated_trees()
    {
        using var folder = new TempFolder();
        folder.Shell("git init -q .");
        Case.Sample(c => Judge(folder, c.Files, c.Root, c.Nested, c.Exclude), iter: Cases, threads: 1);
    }

    private static void Judge(TempFolder folder, string[] files, string[] root, string[] nested, string[] exclude)
    {
        foreach (var entry in new DirectoryInfo(folder.Root).EnumerateFileSystemInfos().Where(e => e.Name != ".git"))
        {
            if (entry is DirectoryInfo directory) directory.Delete(recursive: true);
            else entry.Delete();
        }

        foreach (var file in files)
        {
            try
            {
                folder.Write(file, "x\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The generator made a folder of this name already.
            }
        }

        folder.Write(".gitignore", string.Join('\n', root) + "\n");
        folder.Write(".git/info/exclude", string.Join('\n', exclude) + "\n");
        if (Directory.Exists(folder.Path("foo"))) folder.Write("foo/.gitignore", string.Join('\n', nested));

        var all = Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder.Root, f)).Where(f => !f.StartsWith(".git/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToArray();
        var ignored = folder.Shell("git -c core.quotePath=false check-ignore --no-index -z --stdin", string.Join('\0', all))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var expected = all.Where(f => !ignored.Contains(f)).ToArray();

        using var tree = LinuxWorkTree.Open(folder.Root);
        var scan = new TreeScanner(tree, GlobSet.Parse([]), new CodeIndexOptions()).Scan(TestContext.Current.CancellationToken);
        var actual = scan.Files.Select(f => f.Path).Order(StringComparer.Ordinal).ToArray();
        if (!actual.SequenceEqual(expected))
        {
            var text = new StringBuilder().AppendLine(".gitignore: " + string.Join(" | ", root).Replace("\r", "<CR>", StringComparison.Ordinal))
                .AppendLine("foo/.gitignore: " + string.Join(" | ", nested).Replace("\r", "<CR>", StringComparison.Ordinal)).AppendLine("exclude: " + string.Join(" | ", exclude))
                .AppendLine("only git keeps: " + string.Join(", ", expected.Except(actual)))
                .AppendLine("only we keep: " + string.Join(", ", actual.Except(expected)));
            Assert.Fail(text.ToString());
        }
    }
}
