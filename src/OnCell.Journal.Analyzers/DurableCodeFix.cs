using System.Collections.Immutable;
using System.Composition;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OnCell.Journaling.Analyzers;

/// <summary>
/// Replaces what differs between executions by the run's own: its time, its chance, its timer, its memory, a step. Nothing is
/// offered where what the call returns cannot be kept (a stream, a process): there the code has to be written anew.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DurableCodeFix))]
[Shared]
public sealed class DurableCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        [Rules.Time.Id, Rules.Chance.Id, Rules.Waiting.Id, Rules.Effects.Id, Rules.State.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not ExpressionSyntax found
                || ScopeSyntax.Find(diagnostic, found, model) is not { } scope
                || Replacement.Find(new FlaggedCode(found, model, context.CancellationToken), scope) is not { } replacement)
            {
                continue;
            }

            var expression = SyntaxFactory.ParseExpression(replacement.Text).WithTriviaFrom(replacement.Node);
            var changed = root.ReplaceNode(replacement.Node, expression);
            context.RegisterCodeFix(
                CodeAction.Create($"Use {scope.Name}", _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)), diagnostic.Id),
                diagnostic);
        }
    }
}
