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

    private static readonly Gen<Case> AnyCase =
        Gen.Select(Gen.Select(Name.Array[1, 3], parts => string.Join('/', parts)).Array[1, 5], Rule.Array[0, 5], Rule.Array[0, 3], (f, r, n) => new Case(f, r, n));

    /// <summary>How many cases one git judges; each has a folder of its own with an ignore file in it.</summary>
    private const int CasesAtOnce = 100;

    private sealed record Case(string[] Files, string[] Rules, string[] Nested);

    /// <summary>How many times <see cref="CasesAtOnce"/> cases are judged.</summary>
    private static int Batches => int.TryParse(Environment.GetEnvironmentVariable("ONCELL_GITIGNORE_BATCHES"), out var batches) ? batches : 100;

    [Fact]
    public void Agrees_with_git_on_ten_thousand_generated_trees()
        => Gen.Select(AnyCase.Array[CasesAtOnce], Rule.Array[0, 2]).Sample((cases, exclude) => Judge(cases, exclude), iter: Batches, threads: 1);

    private static void Judge(Case[] cases, string[] exclude)
    {
        using var folder = new TempFolder(inMemory: true);
        folder.Shell("git init -q .");
        folder.Write(".git/info/exclude", string.Join('\n', exclude) + "\n");
        for (var i = 0; i < cases.Length; i++) Write(folder, $"case{i}", cases[i]);

        var all = Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder.Root, f)).Where(f => !f.StartsWith(".git/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToArray();
        var ignored = folder.Shell("git -c core.quotePath=false check-ignore --no-index -z --stdin", string.Join('\0', all))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var expected = all.Where(f => !ignored.Contains(f)).ToHashSet();

        using var tree = LinuxWorkTree.Open(folder.Root);
        var scan = new TreeScanner(tree, GlobSet.Parse([]), new CodeIndexOptions()).Scan(TestContext.Current.CancellationToken);
        var actual = scan.Files.Select(f => f.Path).ToHashSet();
        for (var i = 0; i < cases.Length; i++)
        {
            var below = $"case{i}/";
            var onlyGit = expected.Except(actual).Where(f => f.StartsWith(below, StringComparison.Ordinal)).ToList();
            var onlyWe = actual.Except(expected).Where(f => f.StartsWith(below, StringComparison.Ordinal)).ToList();
            if (onlyGit.Count + onlyWe.Count == 0) continue;
            Assert.Fail(
                $"""
                 .gitignore: {Show(cases[i].Rules)}
                 foo/.gitignore: {Show(cases[i].Nested)}
                 exclude: {Show(exclude)}
                 only git keeps: {string.Join(", ", onlyGit)}
                 only we keep: {string.Join(", ", onlyWe)}
                 """);
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    private static void Write(TempFolder folder, string below, Case c)
    {
        foreach (var file in c.Files)
        {
            try
            {
                folder.Write($"{below}/{file}", "x\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The generator made a folder of this name already.
            }
        }

        folder.Write($"{below}/.gitignore", string.Join('\n', c.Rules) + "\n");
        if (Directory.Exists(folder.Path($"{below}/foo"))) folder.Write($"{below}/foo/.gitignore", string.Join('\n', c.Nested));
    }

    private static string Show(string[] rules) => string.Join(" | ", rules).Replace("\r", "<CR>", StringComparison.Ordinal);
}
