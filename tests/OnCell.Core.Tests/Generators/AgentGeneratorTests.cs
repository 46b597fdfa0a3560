using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using OnCell.Generators;

namespace OnCell.Core.Tests.Generators;

public sealed class AgentGeneratorTests
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("class Outer { private class Bad : Agent { CELL } }", "OCA001", "private")]
    [InlineData("public class Bad<T> : Agent { CELL }", "OCA001", "generic")]
    [InlineData("file class Bad : Agent { CELL }", "OCA001", "local to its file")]
    [InlineData("public class Bad : Agent { CELL public int Go(CellContext ctx) => 1; }", "OCA002", "returns int: return Task")]
    [InlineData("public class Bad : Agent { CELL public async void Go(CellContext ctx) { await Task.Yield(); } }", "OCA002", "void")]
    [InlineData("public class Bad : Agent { CELL public ValueTask Go(CellContext ctx) => default; }", "OCA002", "ValueTask")]
    [InlineData("public class Bad : Agent { CELL public Task Go<T>(CellContext ctx) => Task.CompletedTask; }", "OCA002", "generic")]
    [InlineData("public class Bad : Agent { CELL public Task Go(CellContext ctx) => Task.CompletedTask; public Task GoAsync(CellContext ctx) => Task.CompletedTask; }", "OCA003", "\"go\"")]
    [InlineData("public class Bad : Agent { CELL public Task Setup(CellContext ctx) => Task.CompletedTask; }", "OCA003", "\"setup\"")]
    [InlineData("public class Bad : Agent { CELL public Task Go(CellContext ctx, ref int n) => Task.CompletedTask; }", "OCA004", "by reference")]
    [InlineData("public class Bad : Agent { CELL public Task Go(CellContext ctx, Action then) => Task.CompletedTask; }", "OCA004", "a delegate")]
    [InlineData("public class Bad : Agent { CELL public Task Go(CellContext ctx, System.IO.FileStream file) => Task.CompletedTask; }", "OCA004", "a Stream")]
    [InlineData("public class Bad : Agent { CELL private Bad() { } }", "OCA005", "no public or internal constructor")]
    [InlineData("public class Bad : Agent { CELL public Bad(string a) { } public Bad(int b) { } }", "OCA005", "several constructors")]
    [InlineData("public class Bad : Agent { CELL public required string Name { get; set; } }", "OCA005", "required")]
    public void What_cannot_be_called_is_said_at_compile_time(string agent, string id, string words)
    {
        var (problems, _) = Generate(agent);
        var problem = Assert.Single(problems, p => p.Id.StartsWith("OCA", StringComparison.Ordinal));
        Assert.Equal(id, problem.Id);
        Assert.Contains(words, problem.GetMessage(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public class Good : Agent { CELL public Task<int?> CountAsync(CellContext ctx, DayOfWeek day = DayOfWeek.Friday, double share = 0.5, string? text = null, decimal price = 1.5m, char c = '\\'', float f = 1f, long? n = 3) => Task.FromResult<int?>(1); }")]
    [InlineData("public class Good(IServiceProvider all, TimeProvider? time = null) : Agent { CELL public Task GoAsync(CellContext ctx, CancellationToken ct, int[] numbers) => Task.FromResult((all, time)); }")]
    [InlineData("public static class Outer { internal class Good([FromKeyedServices(\"main\")] TimeProvider time) : Agent { CELL public Task Go(CellContext ctx, string @class, string caller, string cancellationToken) => Task.FromResult(time); } }")]
    [InlineData("public abstract class Base : Agent { CELL public virtual Task<string> GoAsync(CellContext ctx) => Task.FromResult(\"\"); } public partial class Good : Base { } public partial class Good { public override Task<string> GoAsync(CellContext ctx) => base.GoAsync(ctx); public Task SayAsync(CellContext ctx) => Task.CompletedTask; }")]
    [InlineData("public class Good : Agent { CELL [ActivatorUtilitiesConstructor] public Good(TimeProvider time) { } public Good() { } public static Task Not(CellContext ctx) => Task.CompletedTask; private Task NorAsync(CellContext ctx) => Task.CompletedTask; }")]
    public void What_can_be_called_compiles_without_a_warning(string agent)
    {
        var (problems, sources) = Generate(agent);
        Assert.Empty(problems);
        Assert.Single(sources);
    }

    [Fact]
    public void An_edit_elsewhere_writes_nothing_anew()
    {
        var compilation = Compile("public class Good : Agent { CELL public Task GoAsync(CellContext ctx) => Task.CompletedTask; }");
        var driver = CSharpGeneratorDriver.Create([new AgentGenerator().AsSourceGenerator()], driverOptions: new GeneratorDriverOptions(default, true))
            .RunGenerators(compilation, TestContext.Current.CancellationToken);
        var edited = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Elsewhere;", cancellationToken: TestContext.Current.CancellationToken));
        var result = driver.RunGenerators(edited, TestContext.Current.CancellationToken).GetRunResult().Results.Single();
        var output = Assert.Single(result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs));
        Assert.Contains(output.Reason, new[] { IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged });
    }

    [Theory]
    [InlineData("TaskAsync", "task")]
    [InlineData("Async", "async")]
    [InlineData("URLAsync", "url")]
    [InlineData("PRReview", "prReview")]
    [InlineData("DoIt2Async", "doIt2")]
    public void Names_are_those_of_json(string method, string name)
    {
        Assert.Equal(name, EndpointMethod.NameOf(method));
        Assert.Equal(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(method is "Async" ? method : method.Replace("Async", "", StringComparison.Ordinal)), name);
    }

    private static CSharpCompilation Compile(string agent) => CSharpCompilation.Create(
        "Sample",
        [
            CSharpSyntaxTree.ParseText(
                """
                #nullable enable
                using System;
                using System.Threading;
                using System.Threading.Tasks;
                using Microsoft.Extensions.DependencyInjection;
                using OnCell;
                namespace Sample;

                """ + agent.Replace("CELL", "public override CellSpec Cell => new();", StringComparison.Ordinal),
                cancellationToken: TestContext.Current.CancellationToken),
        ],
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private static (IReadOnlyList<Diagnostic> Problems, IReadOnlyList<string> Sources) Generate(string agent)
    {
        var driver = CSharpGeneratorDriver.Create(new AgentGenerator())
            .RunGeneratorsAndUpdateCompilation(Compile(agent), out var compilation, out var problems, TestContext.Current.CancellationToken);
        var compiled = compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(p => p.Severity >= DiagnosticSeverity.Warning && p.Id is not ("CS9113" or "CS1998"));
        return ([.. problems, .. compiled.Where(_ => problems.IsEmpty)], [.. driver.GetRunResult().GeneratedTrees.Select(t => t.ToString())]);
    }
}
