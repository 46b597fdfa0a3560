using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OnCell.Generators;

/// <summary>Writes constants as code.</summary>
internal static class Constants
{
    public static string Write(ITypeSymbol? type, object? value) => (value switch
    {
        null => "default",
        float number => SymbolDisplay.FormatPrimitive(number, true, false) + "f",
        double number => SymbolDisplay.FormatPrimitive(number, true, false) + "d",
        decimal number => number.ToString(System.Globalization.CultureInfo.InvariantCulture) + "m",
        _ when Underlying(type) is { TypeKind: TypeKind.Enum } => $"({Underlying(type)!.Code()})({SymbolDisplay.FormatPrimitive(value, true, false)})",
        _ => SymbolDisplay.FormatPrimitive(value, true, false),
    })!;

    private static ITypeSymbol? Underlying(ITypeSymbol? type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
}
