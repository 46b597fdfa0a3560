using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using OnCell.Generators.Shell;

namespace OnCell.Core.Tests.Generators;

public sealed class CommandLineAnalyzerTests
{
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(path => MetadataReference.CreateFromFile(path))];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("await ctx.ShellAsync(\"git commit -m \" + value);", "value")]
    [InlineData("await ctx.ShellAsync(\"git \" + $\"commit -m {value}\");", "value")]
    [InlineData("await ctx.ShellAsync((\"a \" + \"b \") + ctx.Config[\"c\"].Trim());", "ctx.Config[\"c\"].Trim()")]
    [InlineData("await ctx.ShellAsync((string)$\"git commit -m {value}\");", "value")]
    [InlineData("await ctx.ShellAsync(string.Format(\"git commit -m {0}\", value));", "value")]
    [InlineData("await ctx.ShellAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, \"{0} {1}\", \"a\", ctx.Customer));", "ctx.Customer")]
    [InlineData("await ctx.ShellAsync(string.Concat(\"a\", value));", "value")]
    [InlineData("await ctx.ShellAsync(string.Join(\" && \", values));", "values")]
    [InlineData("await ctx.ShellAsync(\"git commit -m MESSAGE\".Replace(\"MESSAGE\", value));", "value")]
    [InlineData("var line = $\"git commit -m {value}\"; await ctx.ShellAsync(line);", "value")]
    [InlineData("var line = \"ls\"; line += \" \" + value; await ctx.ShellAsync(line.Trim(), new() { WorkingDirectory = \"/tmp\" });", "value")]
    [InlineData("string line; line = \"ls \" + value; await ctx.ShellAsync(commandLine: line).EnsureSuccess();", "value")]
    [InlineData("await ctx.ShellAsync(value.Length > 0 ? \"ls \" + value : \"ls\");", "value")]
    [InlineData("var b = new System.Text.StringBuilder(\"ls \").Append(value); await ctx.ShellAsync(b.ToString());", "b")]
    [InlineData("await ctx.BranchAsync(\"b\", async c => (await c.ShellAsync(\"ls \" + value)).ExitCode);", "value")]
    public async Task A_value_that_is_not_quoted_is_flagged(string body, string value)
    {
        var problem = Assert.Single(await AnalyzeAsync(body));
        Assert.Equal("OCA006", problem.Id);
        Assert.StartsWith(value + " is put into the command line", problem.GetMessage(), StringComparison.Ordinal);
        Assert.Contains("write $\"sh -c {line}\"", problem.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("await ctx.ShellAsync($\"git commit -m {value}\");")]
    [InlineData("await ctx.ShellAsync($\"git commit \" + $\"-m {value}\");")]
    [InlineData("await ctx.ShellAsync($\"sh -c {value}\").EnsureSuccess();")]
    [InlineData("await ctx.ShellAsync(\"npm test\");")]
    [InlineData("await ctx.ShellAsync(\"sleep \" + value.Length);")]
    [InlineData("var day = System.DayOfWeek.Friday; var line = $\"echo {day}\"; await ctx.ShellAsync(line);")]
    [InlineData("await ctx.ShellAsync(value);")]
    [InlineData("await ctx.ShellAsync(ctx.Config[\"testCommand\"].Trim());")]
    [InlineData("const string Tool = \"git\"; await ctx.ShellAsync(Tool + \" status\");")]
    [InlineData("const string Tool = \"git\"; var line = $\"{Tool} status\" + \" --short\"; await ctx.ShellAsync(line);")]
    [InlineData("var line = (await ctx.LlmAsync(\"Which command? \" + value)).Text; await ctx.ShellAsync(line);")]
    [InlineData("var line = value; line = line.Trim(); await ctx.ShellAsync(line);")]
    public async Task What_is_quoted_or_whole_is_not(string body) => Assert.Empty(await AnalyzeAsync(body));

    private static async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(string body)
    {
        var code = "using OnCell; class Sample { static async System.Threading.Tasks.Task Run(CellContext ctx, string value, string[] values) { " + body + " } }";
        var compilation = CSharpCompilation.Create(
            "Sample", [CSharpSyntaxTree.ParseText(code, cancellationToken: Ct)], References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics(Ct).Where(problem => problem.Severity == DiagnosticSeverity.Error));
        return await compilation.WithAnalyzers([new CommandLineAnalyzer()]).GetAnalyzerDiagnosticsAsync(Ct);
    }
}
