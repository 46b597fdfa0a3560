using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Analyzers;

namespace OnCell.Journal.Tests.Analyzers;

/// <summary>Each banned call is flagged where a run is executed, not elsewhere, and what is fixed compiles.</summary>
public class AnalyzerTests
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("OCJ001", "DateTimeOffset.UtcNow", "(await run.NowAsync(ct))")]
    [InlineData("OCJ001", "DateTime.UtcNow", "(await run.NowAsync(ct)).UtcDateTime")]
    [InlineData("OCJ001", "DateTime.Now.Hour", "(await run.NowAsync(ct)).LocalDateTime.Hour")]
    [InlineData("OCJ001", "DateTime.Today", "(await run.NowAsync(ct)).LocalDateTime.Date")]
    [InlineData("OCJ002", "Guid.NewGuid()", "run.NewGuid()")]
    [InlineData("OCJ002", "Random.Shared.Next()", "run.NewRandom().Next()")]
    [InlineData("OCJ002", "new Random().Next()", "run.NewRandom().Next()")]
    [InlineData("OCJ003", "Task.Delay(5, ct)", "run.DelayAsync(System.TimeSpan.FromMilliseconds(5), ct)")]
    [InlineData("OCJ003", "Task.Delay(TimeSpan.FromHours(1))", "run.DelayAsync(TimeSpan.FromHours(1), ct)")]
    [InlineData("OCJ003", "Task.Run(() => 1)", null)]
    [InlineData("OCJ003", "Task.WhenAny(Task.CompletedTask)", null)]
    [InlineData("OCJ004", "File.Exists(\"a\")", null)]
    [InlineData("OCJ004", "Environment.GetEnvironmentVariable(\"HOME\")", null)]
    [InlineData("OCJ005", "Agent.Count", null)]
    public async Task What_differs_between_executions_is_flagged_and_its_fix_compiles(string id, string expression, string? repaired)
    {
        var (flagged, result) = await AnalyzeAsync(Method($"object value = {expression};"));

        Assert.Equal(id, Assert.Single(flagged).Id);
        Assert.Contains("run", flagged[0].GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Contains($"object value = {repaired ?? expression};", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocking_sleep_becomes_a_timer()
    {
        var (flagged, result) = await AnalyzeAsync(Method("System.Threading.Thread.Sleep(20);"));

        Assert.Single(flagged);
        Assert.Contains("await run.DelayAsync(System.TimeSpan.FromMilliseconds(20), ct);", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("object value = new Random(7).Next();")]
    [InlineData("object value = Agent.Limit;")]
    [InlineData("var step = new StepSpec<int> { Kind = \"a\", Name = \"b\", Effect = StepEffect.Read, Body = (_, _) => Task.FromResult(DateTime.Now.Hour) };")]
    public async Task What_is_the_same_again_and_the_bodies_of_steps_are_left_alone(string statement) =>
        Assert.Empty((await AnalyzeAsync(Method(statement))).Flagged);

    [Fact]
    public async Task Code_that_executes_no_run_is_left_alone() => Assert.Empty(
        (await AnalyzeAsync("using System; class Agent { static object Now() => DateTime.Now; }")).Flagged);

    [Fact]
    public async Task A_lambda_inside_the_code_of_a_run_is_code_of_the_run() => Assert.Single(
        (await AnalyzeAsync(Method("Func<DateTime> clock = () => DateTime.UtcNow;"))).Flagged);

    private static string Method(string statement) => $$"""
        using System;
        using System.IO;
        using System.Threading;
        using System.Threading.Tasks;
        using OnCell.Journaling;

        class Agent
        {
            public static int Count;
            public const int Limit = 3;

            public async Task ExecuteAsync(JournalRun run, CancellationToken ct)
            {
                await Task.Yield();
                {{statement}}
            }
        }
        """;

    /// <summary>Compiles, analyzes, applies every fix there is, and compiles again.</summary>
    private static async Task<(ImmutableArray<Diagnostic> Flagged, string Result)> AnalyzeAsync(string source)
    {
        using var workspace = new AdhocWorkspace();
        var project = workspace.AddProject("Sample", LanguageNames.CSharp)
            .WithMetadataReferences(References)
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var document = project.AddDocument("Agent.cs", source);
        var flagged = await FlaggedAsync(document);
        foreach (var diagnostic in flagged)
        {
            CodeAction? action = null;
            var fix = new DurableCodeFix();
            if (!fix.FixableDiagnosticIds.Contains(diagnostic.Id))
                continue;
            await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (found, _) => action = found, Step.Ct));
            if (action is null)
                continue;
            var operation = Assert.IsType<ApplyChangesOperation>(Assert.Single(await action.GetOperationsAsync(Step.Ct)));
            document = operation.ChangedSolution.GetDocument(document.Id)!;
            Assert.Empty(await FlaggedAsync(document));
        }

        return (flagged, (await document.GetTextAsync(Step.Ct)).ToString());
    }

    private static async Task<ImmutableArray<Diagnostic>> FlaggedAsync(Document document)
    {
        var compilation = (await document.Project.GetCompilationAsync(Step.Ct))!;
        Assert.Empty(compilation.GetDiagnostics(Step.Ct).Where(static found => found.Severity == DiagnosticSeverity.Error));
        return await compilation.WithAnalyzers([new DurableCodeAnalyzer()]).GetAnalyzerDiagnosticsAsync(Step.Ct);
    }
}
