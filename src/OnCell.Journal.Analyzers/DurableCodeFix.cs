using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OnCell.Journaling.Analyzers;

/// <summary>Replaces what differs between executions by the run's own: its time, its chance, its timer.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DurableCodeFix))]
[Shared]
public sealed class DurableCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [Rules.Time.Id, Rules.Chance.Id, Rules.Waiting.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not ExpressionSyntax found || model is null
                || diagnostic.Properties[DurableCodeAnalyzer.ScopeProperty] is not { } scope
                || Replacement(found, scope, model, context.CancellationToken) is not { } replacement)
            {
                continue;
            }

            var fixedRoot = root.ReplaceNode(found, replacement.WithTriviaFrom(found));
            context.RegisterCodeFix(
                CodeAction.Create($"Use {scope}", _ => Task.FromResult(context.Document.WithSyntaxRoot(fixedRoot)), diagnostic.Id),
                diagnostic);
        }
    }

    private static ExpressionSyntax? Replacement(ExpressionSyntax found, string scope, SemanticModel model, CancellationToken ct)
    {
        var token = CancellationTokenName(found, model);
        var text = model.GetSymbolInfo(found, ct).Symbol?.ToDisplayString(Names) switch
        {
            "System.DateTimeOffset.UtcNow" or "System.DateTimeOffset.Now" when IsAsync(found) => $"(await {scope}.NowAsync({token}))",
            "System.DateTime.UtcNow" when IsAsync(found) => $"(await {scope}.NowAsync({token})).UtcDateTime",
            "System.DateTime.Now" when IsAsync(found) => $"(await {scope}.NowAsync({token})).LocalDateTime",
            "System.DateTime.Today" when IsAsync(found) => $"(await {scope}.NowAsync({token})).LocalDateTime.Date",
            "System.Guid.NewGuid" or "System.Guid.CreateVersion7" => $"{scope}.NewGuid()",
            "System.Random.Shared" or "System.Random.Random" => $"{scope}.NewRandom()",
            "System.Threading.Tasks.Task.Delay" => Delay(found, scope, token, model, ct),
            "System.Threading.Thread.Sleep" when IsAsync(found) => $"await {Delay(found, scope, token, model, ct)}",
            _ => null,
        };
        return text is null ? null : SyntaxFactory.ParseExpression(text);
    }

    private static SymbolDisplayFormat Names { get; } = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        memberOptions: SymbolDisplayMemberOptions.IncludeContainingType);

    private static string? Delay(ExpressionSyntax call, string scope, string token, SemanticModel model, CancellationToken ct)
    {
        if (call is not InvocationExpressionSyntax { ArgumentList.Arguments: { Count: > 0 } arguments })
            return null;
        var time = arguments[0].Expression;
        var delay = model.GetTypeInfo(time, ct).Type?.SpecialType == SpecialType.System_Int32 ? $"System.TimeSpan.FromMilliseconds({time})" : $"{time}";
        return $"{scope}.DelayAsync({delay}, {token})";
    }

    /// <summary>Returns the name of the cancellation token at hand.</summary>
    private static string CancellationTokenName(ExpressionSyntax found, SemanticModel model) =>
        model.LookupSymbols(found.SpanStart)
            .FirstOrDefault(static symbol => symbol is IParameterSymbol { Type.Name: nameof(CancellationToken) })?.Name ?? "default";

    private static bool IsAsync(ExpressionSyntax found) => found.Ancestors().Select(static node => node switch
    {
        AnonymousFunctionExpressionSyntax lambda => lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword),
        LocalFunctionStatementSyntax local => local.Modifiers.Any(SyntaxKind.AsyncKeyword),
        MethodDeclarationSyntax method => method.Modifiers.Any(SyntaxKind.AsyncKeyword),
        _ => (bool?)null,
    }).FirstOrDefault(static isAsync => isAsync is not null) ?? false;
}
