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
    private const string InStep = "(await run.StepAsync(new OnCell.Journaling.StepSpec<";

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
    [InlineData("OCJ001", "TimeProvider.System.GetUtcNow()", "(await run.NowAsync(ct))")]
    [InlineData("OCJ001", "Environment.TickCount64", "(await run.NowAsync(ct)).ToUnixTimeMilliseconds()")]
    [InlineData("OCJ001", "System.Diagnostics.Stopwatch.GetTimestamp()", null)]
    [InlineData("OCJ002", "Guid.CreateVersion7()", "run.NewGuid()")]
    [InlineData("OCJ002", "System.Security.Cryptography.RandomNumberGenerator.GetInt32(6)", InStep + "int> { Kind = \"code\", Name = \"RandomNumberGenerator.GetInt32\", Effect = OnCell.Journaling.StepEffect.Read, Body = (_, _) => System.Threading.Tasks.Task.FromResult(System.Security.Cryptography.RandomNumberGenerator.GetInt32(6)) }, ct))")]
    [InlineData("OCJ003", "Task.Run(() => 1)", "run.StepAsync(new OnCell.Journaling.StepSpec<int> { Kind = \"code\", Name = \"Task.Run\", Effect = OnCell.Journaling.StepEffect.Unsafe, Body = (_, _) => Task.Run(() => 1) }, ct)")]
    [InlineData("OCJ003", "Task.Run(() => { })", "run.StepAsync(new OnCell.Journaling.StepSpec<bool> { Kind = \"code\", Name = \"Task.Run\", Effect = OnCell.Journaling.StepEffect.Unsafe, Body = async (_, _) => { await Task.Run(() => { }); return true; } }, ct)")]
    [InlineData("OCJ003", "Task.WhenAny(Task.CompletedTask)", null)]
    [InlineData("OCJ003", "await Task.WhenAny(one, two)", "new Task<int>[] { one, two }[await run.WhenAnyAsync(new Task<int>[] { one, two }, ct)]")]
    [InlineData("OCJ003", "await Task.WhenAny(many)", "many[await run.WhenAnyAsync(many, ct)]")]
    [InlineData("OCJ003", "Task.Factory.StartNew(() => 1)", "run.StepAsync(new OnCell.Journaling.StepSpec<int> { Kind = \"code\", Name = \"TaskFactory.StartNew\", Effect = OnCell.Journaling.StepEffect.Unsafe, Body = (_, _) => Task.Factory.StartNew(() => 1) }, ct)")]
    [InlineData("OCJ003", "new Thread(() => { })", null)]
    [InlineData("OCJ003", "new Timer(_ => { })", null)]
    [InlineData("OCJ004", "File.Exists(\"a\")", InStep + "bool> { Kind = \"code\", Name = \"File.Exists\", Effect = OnCell.Journaling.StepEffect.Read, Body = (_, _) => System.Threading.Tasks.Task.FromResult(File.Exists(\"a\")) }, ct))")]
    [InlineData("OCJ004", "File.ReadAllTextAsync(\"a\", ct)", "run.StepAsync(new OnCell.Journaling.StepSpec<string> { Kind = \"code\", Name = \"File.ReadAllTextAsync\", Effect = OnCell.Journaling.StepEffect.Read, Body = (_, _) => File.ReadAllTextAsync(\"a\", ct) }, ct)")]
    [InlineData("OCJ004", "File.OpenRead(\"a\")", null)]
    [InlineData("OCJ004", "new FileInfo(\"a\").OpenRead()", null)]
    [InlineData("OCJ004", "new DirectoryInfo(\"a\").LastWriteTimeUtc", InStep + "DateTime> { Kind = \"code\", Name = \"FileSystemInfo.LastWriteTimeUtc\", Effect = OnCell.Journaling.StepEffect.Unsafe, Body = (_, _) => System.Threading.Tasks.Task.FromResult(new DirectoryInfo(\"a\").LastWriteTimeUtc) }, ct))")]
    [InlineData("OCJ004", "System.Diagnostics.Process.Start(\"a\")", null)]
    [InlineData("OCJ004", "Agent.Http.GetStringAsync(\"http://a\", ct)", "run.StepAsync(new OnCell.Journaling.StepSpec<string> { Kind = \"code\", Name = \"HttpClient.GetStringAsync\", Effect = OnCell.Journaling.StepEffect.Read, Body = (_, _) => Agent.Http.GetStringAsync(\"http://a\", ct) }, ct)")]
    [InlineData("OCJ004", "Agent.Http.GetAsync(\"http://a\", ct)", null)]
    [InlineData("OCJ004", "System.Net.Dns.GetHostName()", InStep + "string> { Kind = \"code\", Name = \"Dns.GetHostName\", Effect = OnCell.Journaling.StepEffect.Read, Body = (_, _) => System.Threading.Tasks.Task.FromResult(System.Net.Dns.GetHostName()) }, ct))")]
    [InlineData("OCJ004", "Environment.MachineName", InStep + "string> { Kind = \"code\", Name = \"Environment.MachineName\", Effect = OnCell.Journaling.StepEffect.Read, Body = (_, _) => System.Threading.Tasks.Task.FromResult(Environment.MachineName) }, ct))")]
    [InlineData("OCJ004", "Environment.GetEnvironmentVariable(\"HOME\")", InStep + "string> { Kind = \"code\", Name = \"Environment.GetEnvironmentVariable\", Effect = OnCell.Journaling.StepEffect.Read, Body = (_, _) => System.Threading.Tasks.Task.FromResult(Environment.GetEnvironmentVariable(\"HOME\")) }, ct))")]
    [InlineData("OCJ005", "Agent.Count", "(await run.Memory.GetAsync<int>(\"Agent.Count\", ct))")]
    [InlineData("OCJ005", "Agent.Last + \"!\"", "(await run.Memory.GetAsync<string>(\"Agent.Last\", ct)) + \"!\"")]
    [InlineData("OCJ005", "Agent.Count++", null)]
    public async Task What_differs_between_executions_is_flagged_and_its_fix_compiles(string id, string expression, string? repaired)
    {
        var (flagged, result) = await AnalyzeAsync(Method($"object value = {expression};"));

        Assert.Equal(id, Assert.Single(flagged).Id);
        Assert.Contains("run", flagged[0].GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Contains($"object value = {repaired ?? expression};", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("File.Delete(\"a\");", "await run.StepAsync(new OnCell.Journaling.StepSpec<bool> { Kind = \"code\", Name = \"File.Delete\", Effect = OnCell.Journaling.StepEffect.Unsafe, Body = (_, _) => { File.Delete(\"a\"); return System.Threading.Tasks.Task.FromResult(true); } }, ct);")]
    [InlineData("Agent.Count = 3;", "await run.Memory.SetAsync(\"Agent.Count\", 3, ct);")]
    [InlineData("await Task.WhenAny(one, two);", "await run.WhenAnyAsync(new Task<int>[] { one, two }, ct);")]
    public async Task A_statement_becomes_a_step_of_the_run(string statement, string repaired)
    {
        var (flagged, result) = await AnalyzeAsync(Method(statement));

        Assert.Single(flagged);
        Assert.Contains(repaired, result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("object value = DateTime.UtcNow;", "object value = (await ctx.NowAsync()).UtcDateTime;")]
    [InlineData("await Task.Delay(TimeSpan.FromHours(1));", "await ctx.DelayAsync(TimeSpan.FromHours(1));")]
    [InlineData("object value = File.ReadAllText(\"a\");", "object value = (await ctx.StepAsync<string>(\"File.ReadAllText\", OnCell.Journaling.StepEffect.Read, (_, _) => System.Threading.Tasks.Task.FromResult(File.ReadAllText(\"a\"))));")]
    [InlineData("Agent.Last = \"a\";", "await ctx.Memory.SetAsync(\"Agent.Last\", \"a\");")]
    public async Task In_an_agents_method_the_context_is_used(string statement, string repaired)
    {
        var source = Method(statement).Replace("JournalRun run, CancellationToken ct", "OnCell.CellContext ctx", StringComparison.Ordinal);
        var (flagged, result) = await AnalyzeAsync(source + Context);

        Assert.Single(flagged);
        Assert.Contains(repaired, result, StringComparison.Ordinal);
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
    [InlineData("object value = new FileInfo(\"a\");")]
    [InlineData("var step = new StepSpec<int> { Kind = \"a\", Name = \"b\", Effect = StepEffect.Read, Body = (_, _) => Task.FromResult(DateTime.Now.Hour) };")]
    public async Task What_is_the_same_again_and_the_bodies_of_steps_are_left_alone(string statement) =>
        Assert.Empty((await AnalyzeAsync(Method(statement))).Flagged);

    [Fact]
    public async Task Code_that_executes_no_run_is_left_alone() => Assert.Empty(
        (await AnalyzeAsync("using System; class Agent { static object Now() => DateTime.Now; }")).Flagged);

    [Fact]
    public async Task A_lambda_inside_the_code_of_a_run_is_code_of_the_run() => Assert.Single(
        (await AnalyzeAsync(Method("Func<DateTime> clock = () => DateTime.UtcNow;"))).Flagged);

    /// <summary>What the fixes use of a cell's context, which is of another library.</summary>
    private const string Context = """

        namespace OnCell
        {
            public sealed class CellContext
            {
                public AgentMemory Memory { get; } = new();
                public Task<DateTimeOffset> NowAsync() => throw new NotSupportedException();
                public Task DelayAsync(TimeSpan delay) => throw new NotSupportedException();
                public Task<T> StepAsync<T>(string name, StepEffect effect, Func<StepExecution, CancellationToken, Task<T>> body) => throw new NotSupportedException();
            }

            public sealed class AgentMemory
            {
                public Task SetAsync<T>(string key, T value) => throw new NotSupportedException();
            }
        }
        """;

    private static string Method(string statement) => $$"""
        using System;
        using System.IO;
        using System.Threading;
        using System.Threading.Tasks;
        using OnCell.Journaling;

        class Agent
        {
            public static readonly System.Net.Http.HttpClient Http = new();
            public static int Count;
            public static string Last { get; set; } = "";
            public const int Limit = 3;

            public async Task ExecuteAsync(JournalRun run, CancellationToken ct)
            {
                await Task.Yield();
                Task<int> one = Task.FromResult(1), two = Task.FromResult(2);
                Task[] many = { one, two };
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
