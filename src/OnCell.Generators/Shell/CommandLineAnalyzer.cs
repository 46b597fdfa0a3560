using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace OnCell.Generators.Shell;

/// <summary>Flags command lines that were put together as text before <c>ShellAsync</c> got them: their values are not quoted.</summary>
/// <remarks>
/// The call itself cannot tell <c>ShellAsync("git commit -m " + message)</c> from a model's whole line. What stands in a hole of an
/// interpolated string that is handed over directly is quoted, and refused where quoting would not help, when the line is built.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CommandLineAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.UnquotedValue];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(Analyze, OperationKind.Invocation);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name != "ShellAsync" || !Symbols.IsContext(call.TargetMethod.ContainingType))
            return;
        var line = call.Arguments.FirstOrDefault(static argument => argument.Parameter is { Ordinal: 0, Type.SpecialType: SpecialType.System_String });
        if (line is not null && new BuiltText(call, context.CancellationToken).FindValue(line.Value) is { } value)
            context.ReportDiagnostic(Diagnostic.Create(Rules.UnquotedValue, line.Value.Syntax.GetLocation(), value.Syntax.ToString()));
    }
}
