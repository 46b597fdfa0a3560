using OnCell.Docs.Tests.Snippets;
using OnCell.Tests;

namespace OnCell.Docs.Tests;

/// <summary>What the documentation shows compiles against what is here.</summary>
public sealed class SnippetTests
{
    /// <summary>Each block's file and the line of its fence.</summary>
    public static TheoryData<string, int> Blocks => [.. SnippetReader.ReadAll().Select(block => (block.File, block.Line))];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_compiles(string file, int line)
    {
        var block = SnippetReader.ReadAll().Single(each => each.File == file && each.Line == line);
        if (block.NotCompiledBecause is { } reason)
            Assert.False(reason.Length == 0, $"{block} is not compiled and does not say why: ```csharp no-compile REASON");
        else if (SnippetCompiler.Check(block) is { Count: > 0 } problems)
            Assert.Fail(string.Join('\n', problems));
    }

    [Fact]
    public void Every_block_is_found() =>
        Assert.Equal(
            from page in SnippetReader.Pages
            from line in File.ReadLines(Repository.PathOf(page)).Index()
            where line.Item.TrimStart().StartsWith("```c", StringComparison.OrdinalIgnoreCase)
            select $"{page}:{line.Index + 1}",
            SnippetReader.ReadAll().Select(block => block.ToString()));

    [Fact]
    public void What_does_not_compile_is_named_by_its_file_and_line()
    {
        const string text = "# Page\n\n<!-- csharp:\nusing System.Text;\nvar text = new StringBuilder();\nrecord Later;\n-->\n```csharp\nusing OnCell;\n\ntext.Append(new Later());\ntext.Nonsense();\n```\n";
        var block = Assert.Single(SnippetReader.Read("docs/page.md", text));
        Assert.Equal("docs/page.md:8", block.ToString());
        Assert.StartsWith("docs/page.md:12 CS1061 ", Assert.Single(SnippetCompiler.Check(block)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_generator_s_errors_count_too()
    {
        const string text = "```csharp\nusing OnCell;\n\nConsole.WriteLine();\n\npublic sealed class Odd : Agent\n{\n    public override CellSpec Cell => new() { Compute = \"1cpu-1gb\", Storage = \"1gb\" };\n    public Task TaskAsync(CellContext ctx, Action what) => Task.CompletedTask;\n}\n```\n";
        Assert.StartsWith("docs/page.md:9 OCA004 ", Assert.Single(SnippetCompiler.Check(SnippetReader.Read("docs/page.md", text).Single())), StringComparison.Ordinal);
    }
}
