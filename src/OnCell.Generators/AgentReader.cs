using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace OnCell.Generators;

/// <summary>Reads an agent class, says what is wrong with it, and has the code written where it can be called.</summary>
internal static class AgentReader
{
    private const string Setup = "setup";

    public static GeneratedAgent Read(INamedTypeSymbol type, Compilation compilation)
    {
        var problems = new List<Diagnostic>();
        if (Symbols.WhyUnreachable(type) is { } why)
            return new(type.Name, "", [Diagnostic.Create(Rules.Unreachable, Place(type), type.Name, why)]);

        var creation = ConstructorReader.Read(type, compilation, problems);
        var methods = ReadMethods(type, problems);
        var source = problems.Any(static problem => problem.Severity == DiagnosticSeverity.Error)
            ? ""
            : DispatchWriter.Write(type, creation!, methods);
        var hint = type.ToDisplayString().Replace('<', '_').Replace('>', '_') + ".g.cs";
        return new(hint, source, problems);
    }

    private static List<EndpointMethod> ReadMethods(INamedTypeSymbol type, List<Diagnostic> problems)
    {
        var found = new List<EndpointMethod>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [Setup] = "SetupAsync" };
        foreach (var method in Candidates(type))
        {
            if (WhyNotCallable(method) is var (why, fix))
            {
                problems.Add(Diagnostic.Create(Rules.NotCallable, Place(method), method.Name, why, fix));
                continue;
            }

            var name = EndpointMethod.NameOf(method.Name);
            if (names.TryGetValue(name, out var other))
            {
                problems.Add(Diagnostic.Create(Rules.SameName, Place(method), method.Name, name, other));
                continue;
            }

            names[name] = method.Name;
            foreach (var parameter in method.Parameters.Skip(1).Where(static p => !Symbols.IsCancellation(p.Type)))
            {
                if (Symbols.WhyNotJson(parameter) is { } what)
                    problems.Add(Diagnostic.Create(Rules.BadParameter, Place(parameter), parameter.Name, method.Name, what));
            }

            found.Add(new EndpointMethod(name, method));
        }

        return found;
    }

    /// <summary>The public methods that take a context, the class's own and those it inherits.</summary>
    private static IEnumerable<IMethodSymbol> Candidates(INamedTypeSymbol type)
    {
        var overridden = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        for (var current = type; current is not null && current.ToDisplayString() != "OnCell.Agent"; current = current.BaseType)
        {
            foreach (var method in current.GetMembers().OfType<IMethodSymbol>())
            {
                if (method is not { MethodKind: MethodKind.Ordinary, DeclaredAccessibility: Accessibility.Public, IsStatic: false }
                    || method.Parameters.Length == 0 || !Symbols.IsContext(method.Parameters[0].Type) || IsSetup(method)
                    || overridden.Contains(method.OriginalDefinition))
                    continue;
                for (var below = method.OverriddenMethod; below is not null; below = below.OverriddenMethod)
                    overridden.Add(below.OriginalDefinition);
                yield return method;
            }
        }
    }

    private static bool IsSetup(IMethodSymbol method) => method is { Name: "SetupAsync", IsOverride: true };

    private static (string Why, string Fix)? WhyNotCallable(IMethodSymbol method)
    {
        if (method.IsGenericMethod)
            return ("it is generic", "JSON names no types, so give it a type for each method");
        if (!Symbols.TryGetResult(method, out _))
            return ($"it returns {method.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}", "return Task or Task<T>, or make it private");
        return null;
    }

    private static Location? Place(ISymbol symbol) => symbol.Locations.FirstOrDefault(static l => l.IsInSource);
}
