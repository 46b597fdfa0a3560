using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OnCell.Generators.Shell;

/// <summary>Follows a text back to where the code around it put it together, to find a value that was put into it.</summary>
/// <remarks>A text that comes whole from elsewhere (a parameter, a property, another method) holds no value that is known of.</remarks>
internal sealed class BuiltText(IOperation use, CancellationToken cancellationToken)
{
    private static readonly HashSet<string> Composing = ["Format", "Concat", "Join", "Replace", "Insert", "PadLeft", "PadRight"];

    private readonly HashSet<ISymbol> _followed = new(SymbolEqualityComparer.Default);

    /// <summary>Returns a value that was put into a text, or <see langword="null"/> where none is seen.</summary>
    public IOperation? FindValue(IOperation? text)
    {
        if (text is null || text.ConstantValue.HasValue)
            return null;
        return text switch
        {
            IConversionOperation conversion => FindValue(conversion.Operand),
            IParenthesizedOperation parentheses => FindValue(parentheses.Operand),
            IConditionalOperation choice => FindValue(choice.WhenTrue) ?? FindValue(choice.WhenFalse),
            ICoalesceOperation choice => FindValue(choice.Value) ?? FindValue(choice.WhenNull),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } sum => FindPart(sum.LeftOperand) ?? FindPart(sum.RightOperand),
            IInterpolatedStringAdditionOperation sum => FindPart(sum.Left) ?? FindPart(sum.Right),
            IInterpolatedStringOperation interpolated => interpolated.Parts.OfType<IInterpolationOperation>()
                .Select(hole => FindPart(hole.Expression)).FirstOrDefault(static value => value is not null),
            IInvocationOperation call => FindIn(call),
            ILocalReferenceOperation local => FindIn(local),
            _ => null,
        };
    }

    /// <summary>A part that is not text of the program is a value.</summary>
    private IOperation? FindPart(IOperation part)
    {
        while (part is IConversionOperation { IsImplicit: true } conversion) part = conversion.Operand;
        if (part.ConstantValue.HasValue || (part.Type is { } type && IsOneWord(type)))
            return null;
        return part is IInterpolatedStringOperation or IBinaryOperation or IParenthesizedOperation or IInterpolatedStringAdditionOperation
            ? FindValue(part)
            : part;
    }

    /// <summary>A number and the like hold nothing that a shell would read as more than a word.</summary>
    private static bool IsOneWord(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum || type.SpecialType is SpecialType.System_Boolean or (>= SpecialType.System_SByte and <= SpecialType.System_Double);

    private IOperation? FindIn(IInvocationOperation call)
    {
        var type = call.TargetMethod.ContainingType;
        if (type.ToDisplayString() == "System.Text.StringBuilder" && call.TargetMethod.Name == "ToString")
            return call.Instance;
        if (type.SpecialType != SpecialType.System_String)
            return null;
        if (!Composing.Contains(call.TargetMethod.Name))
            return FindValue(call.Instance); // Trim, ToLower, …
        return FindValue(call.Instance) ?? call.Arguments
            .Where(static argument => argument.Parameter?.Type.Name is not (nameof(System.IFormatProvider) or nameof(System.StringComparison)))
            .SelectMany(static argument => Elements(argument.Value))
            .Select(FindPart).FirstOrDefault(static value => value is not null);
    }

    /// <summary>The elements of what <c>params</c> has made an array of.</summary>
    private static IEnumerable<IOperation> Elements(IOperation argument) => argument switch
    {
        IConversionOperation conversion => Elements(conversion.Operand),
        IArrayCreationOperation { Initializer: { } initializer } => initializer.ElementValues,
        ICollectionExpressionOperation collection => collection.Elements,
        _ => [argument],
    };

    private IOperation? FindIn(ILocalReferenceOperation reference)
    {
        var local = reference.Local;
        if (!_followed.Add(local))
            return null;
        var root = use;
        while (root.Parent is not null) root = root.Parent;
        foreach (var operation in root.Descendants())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = operation switch
            {
                IVariableDeclaratorOperation declared when Is(declared.Symbol) => FindValue(declared.GetVariableInitializer()?.Value),
                ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assigned when Is(target.Local) => FindValue(assigned.Value),
                ICompoundAssignmentOperation { Target: ILocalReferenceOperation target } added when Is(target.Local) => FindPart(added.Value),
                _ => null,
            };
            if (found is not null)
                return found;
        }

        return null;

        bool Is(ILocalSymbol symbol) => SymbolEqualityComparer.Default.Equals(symbol, local);
    }
}
