using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace OnCell.Generators;

/// <summary>A method that can be called from outside.</summary>
internal sealed class EndpointMethod(string name, IMethodSymbol symbol)
{
    /// <summary>Gets the name it is called by.</summary>
    public string Name { get; } = name;

    public IMethodSymbol Symbol { get; } = symbol;

    /// <summary>Gets the parameters that come from JSON.</summary>
    public IReadOnlyList<IParameterSymbol> Inputs { get; } =
        [.. symbol.Parameters.Where(static p => !Symbols.IsContext(p.Type) && !Symbols.IsCancellation(p.Type))];

    /// <summary>Gets the result's type; <see langword="null"/> where there is none.</summary>
    public ITypeSymbol? Result { get; } = Symbols.TryGetResult(symbol, out var result) ? result : null;

    /// <summary>Camel case without <c>Async</c>, as System.Text.Json would write it.</summary>
    public static string NameOf(string method)
    {
        var name = method.EndsWith("Async", System.StringComparison.Ordinal) && method.Length > 5 ? method.Substring(0, method.Length - 5) : method;
        var characters = name.ToCharArray();
        for (var i = 0; i < characters.Length && (i != 1 || char.IsUpper(characters[1])); i++)
        {
            if (i > 0 && i + 1 < characters.Length && !char.IsUpper(characters[i + 1]))
                break;
            characters[i] = char.ToLowerInvariant(characters[i]);
        }

        return new string(characters);
    }
}
