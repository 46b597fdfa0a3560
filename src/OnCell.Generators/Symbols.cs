using System.Linq;
using Microsoft.CodeAnalysis;

namespace OnCell.Generators;

/// <summary>What the generator asks about types.</summary>
internal static class Symbols
{
    private static readonly SymbolDisplayFormat Nullable = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The type as generated code writes it.</summary>
    public static string Code(this ITypeSymbol type) => type.ToDisplayString(Nullable);

    public static bool IsAgent(INamedTypeSymbol type)
    {
        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (current.ToDisplayString() == "OnCell.Agent")
                return true;
        }

        return false;
    }

    public static bool IsContext(ITypeSymbol type) => type.ToDisplayString() == "OnCell.CellContext";

    public static bool IsCancellation(ITypeSymbol type) => type.ToDisplayString() == "System.Threading.CancellationToken";

    /// <summary>Why generated code of the same assembly cannot name the type; <see langword="null"/> where it can.</summary>
    public static string? WhyUnreachable(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (current.IsGenericType)
                return current.Equals(type, SymbolEqualityComparer.Default) ? "generic" : "inside a generic type";
            if (current.IsFileLocal)
                return "local to its file";
            if (current.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
                return current.DeclaredAccessibility.ToString().ToLowerInvariant();
        }

        return null;
    }

    public static bool IsPublic(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (current.DeclaredAccessibility != Accessibility.Public)
                return false;
        }

        return true;
    }

    /// <summary>Returns the result type of a method; <see langword="null"/> for none, and false where it does not return a task.</summary>
    public static bool TryGetResult(IMethodSymbol method, out ITypeSymbol? result)
    {
        result = null;
        if (method.ReturnType is not INamedTypeSymbol { Name: "Task" } task
            || task.ContainingNamespace.ToDisplayString() != "System.Threading.Tasks")
            return false;
        result = task.TypeArguments.FirstOrDefault();
        return true;
    }

    /// <summary>What a parameter's type is where JSON cannot hold it; <see langword="null"/> where it may.</summary>
    public static string? WhyNotJson(IParameterSymbol parameter)
    {
        var type = parameter.Type;
        if (parameter.RefKind != RefKind.None)
            return "passed by reference";
        if (type.TypeKind is TypeKind.Delegate)
            return "a delegate";
        if (type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer || type.IsRefLikeType)
            return "memory";
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.ToDisplayString() is "System.IO.Stream" or "System.Type" or "System.Threading.Tasks.Task" or "OnCell.CellContext")
                return $"a {current.Name}";
        }

        return null;
    }
}
