using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace OnCell.Journaling.Analyzers;

/// <summary>
/// Flags, in code that executes a run (it has a parameter of <c>JournalRun</c>, <c>JournalBranch</c> or <c>CellContext</c>),
/// what would not be the same when the run is executed again. Bodies of steps are free.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DurableCodeAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property of a diagnostic that names the parameter to use instead.</summary>
    internal const string ScopeProperty = "scope";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.Time, Rules.Chance, Rules.Waiting, Rules.Effects, Rules.State];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(
            Analyze, OperationKind.Invocation, OperationKind.PropertyReference, OperationKind.ObjectCreation, OperationKind.FieldReference);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        ISymbol? member = context.Operation switch
        {
            IInvocationOperation call => call.TargetMethod,
            IPropertyReferenceOperation property => property.Property,
            IObjectCreationOperation creation => creation.Constructor,
            IFieldReferenceOperation field => field.Field,
            _ => null,
        };
        if (member is null || BannedMembers.Find(member) is not { } rule || DurableScope.Find(context.Operation, context.ContainingSymbol) is not { } scope)
            return;
        var name = member is IMethodSymbol { MethodKind: MethodKind.Constructor }
            ? $"new {member.ContainingType.Name}"
            : $"{member.ContainingType.Name}.{member.Name}";
        var properties = ImmutableDictionary<string, string?>.Empty.Add(ScopeProperty, scope.Name);
        context.ReportDiagnostic(Diagnostic.Create(rule, context.Operation.Syntax.GetLocation(), properties, name, scope.Name));
    }
}
