using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OnCell.Generators;

/// <summary>For each class that derives from <c>OnCell.Agent</c>: how it is made, how its methods are called, and typed callers.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class AgentGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var agents = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
                static (syntax, token) =>
                    syntax.SemanticModel.GetDeclaredSymbol(syntax.Node, token) is INamedTypeSymbol { IsAbstract: false } type
                    && Symbols.IsAgent(type) && IsFirstPart(type, syntax.Node)
                        ? AgentReader.Read(type, syntax.SemanticModel.Compilation)
                        : null)
            .Where(static agent => agent is not null);
        context.RegisterSourceOutput(agents, static (output, agent) =>
        {
            foreach (var problem in agent!.Problems)
                output.ReportDiagnostic(problem);
            if (agent.Source.Length > 0)
                output.AddSource(agent.Hint, agent.Source);
        });
    }

    /// <summary>A partial class has several declarations and is one agent.</summary>
    private static bool IsFirstPart(INamedTypeSymbol type, SyntaxNode node) =>
        type.DeclaringSyntaxReferences
            .Select(static part => part.GetSyntax())
            .First(static part => part is ClassDeclarationSyntax { BaseList: not null }) == node;
}
