using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OnCell.Journaling.Analyzers;

/// <summary>Tells code that executes a run, which is executed again, from the bodies of steps, which are not.</summary>
internal static class DurableScope
{
    /// <summary>Returns the parameter through which the code around an operation executes a run, if it does.</summary>
    public static IParameterSymbol? Find(IOperation operation, ISymbol containing)
    {
        for (var around = operation.Parent; around is not null; around = around.Parent)
        {
            var function = around switch
            {
                IAnonymousFunctionOperation lambda => lambda.Symbol,
                ILocalFunctionOperation local => local.Symbol,
                _ => null,
            };
            if (function is null)
                continue;
            if (function.Parameters.Any(static parameter => IsStepBody(parameter.Type)))
                return null;
            if (Scope(function.Parameters) is { } scope)
                return scope;
        }

        return containing is IMethodSymbol method && !method.Parameters.Any(static parameter => IsStepBody(parameter.Type))
            ? Scope(method.Parameters)
            : null;
    }

    private static IParameterSymbol? Scope(IEnumerable<IParameterSymbol> parameters) =>
        parameters.FirstOrDefault(static parameter => IsScope(parameter.Type));

    private static bool IsStepBody(ITypeSymbol type) => type.ToDisplayString() == "OnCell.Journaling.StepExecution";

    private static bool IsScope(ITypeSymbol type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.ToDisplayString() is "OnCell.Journaling.StepScope" or "OnCell.CellContext")
                return true;
        }

        return false;
    }
}
