using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OnCell.Journaling.Analyzers;

/// <summary>An expression that was flagged, and what is known of it.</summary>
internal sealed class FlaggedCode(ExpressionSyntax node, SemanticModel model, CancellationToken ct)
{
    private static readonly SymbolDisplayFormat Names = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        memberOptions: SymbolDisplayMemberOptions.IncludeContainingType);

    public ExpressionSyntax Node { get; } = node;

    public ISymbol? Symbol { get; } = model.GetSymbolInfo(node, ct).Symbol;

    /// <summary>Gets the member's full name, without its arguments.</summary>
    public string? Name => Symbol?.ToDisplayString(Names);

    /// <summary>Gets the member with its type's own name, such as <c>File.ReadAllText</c>.</summary>
    public string ShortName => $"{Symbol?.ContainingType.Name}.{Symbol?.Name}";

    public ITypeSymbol? Type { get; } = model.GetTypeInfo(node, ct).Type;

    public ArgumentSyntax[] Arguments => Node is InvocationExpressionSyntax call ? [.. call.ArgumentList.Arguments] : [];

    /// <summary>Gets a value indicating whether the code around may await.</summary>
    public bool IsAsync => Node.Ancestors().Select(static around => around switch
    {
        AnonymousFunctionExpressionSyntax lambda => lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword),
        LocalFunctionStatementSyntax local => local.Modifiers.Any(SyntaxKind.AsyncKeyword),
        MethodDeclarationSyntax method => method.Modifiers.Any(SyntaxKind.AsyncKeyword),
        _ => (bool?)null,
    }).FirstOrDefault(static isAsync => isAsync is not null) ?? false;

    public bool HasAwait => Node.DescendantNodes().OfType<AwaitExpressionSyntax>().Any();

    public ITypeSymbol? TypeOf(ExpressionSyntax expression) => model.GetTypeInfo(expression, ct).Type;

    public string Display(ITypeSymbol type) => type.ToMinimalDisplayString(model, Node.SpanStart);

    /// <summary>Says whether a value of a type can be kept in the journal: data, not a handle to something.</summary>
    public static bool IsData(ITypeSymbol type) => type switch
    {
        { SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_String or SpecialType.System_DateTime } => true,
        { TypeKind: TypeKind.Enum } => true,
        { IsAnonymousType: true } or { IsRefLikeType: true } or { TypeKind: TypeKind.Delegate } => false,
        IArrayTypeSymbol array => IsData(array.ElementType),
        INamedTypeSymbol named when named.ContainingNamespace.ToDisplayString() is "System.Collections.Generic" =>
            named.TypeArguments.All(IsData),
        INamedTypeSymbol { IsValueType: true } named when named.ContainingNamespace.ToDisplayString() is "System" =>
            named.TypeArguments.All(IsData),
        INamedTypeSymbol named => named.Locations.Any(static location => location.IsInSource)
            && !named.AllInterfaces.Any(static each => each.Name is "IDisposable" or "IAsyncDisposable"),
        _ => false,
    };
}
