using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace OnCell.Generators;

/// <summary>Finds how an agent is made of the application's services.</summary>
internal static class ConstructorReader
{
    private const string Services = "global::Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions";
    private const string KeyedServices = "global::Microsoft.Extensions.DependencyInjection.ServiceProviderKeyedServiceExtensions";

    /// <summary>Returns the expression that makes the agent out of <c>services</c>; <see langword="null"/> with a problem added.</summary>
    public static string? Read(INamedTypeSymbol type, Compilation compilation, List<Diagnostic> problems)
    {
        var reachable = type.InstanceConstructors.Where(c => compilation.IsSymbolAccessibleWithin(c, compilation.Assembly)).ToList();
        var marked = reachable.Where(static c => c.GetAttributes().Any(
            static a => a.AttributeClass?.Name == "ActivatorUtilitiesConstructorAttribute")).ToList();
        var candidates = marked.Count > 0 ? marked : reachable;
        if (candidates.Count == 0)
            return Refuse("has no public or internal constructor", "give it one; its parameters come from the application's services");
        if (candidates.Count > 1)
            return Refuse("has several constructors", "keep one, or mark the one to use with [ActivatorUtilitiesConstructor]");
        if (HasRequiredMembers(type, candidates[0]))
            return Refuse("has required members", "take them as parameters of the constructor");
        if (candidates[0].Parameters.FirstOrDefault(static p => p.RefKind != RefKind.None || p.Type.IsRefLikeType) is { } odd)
            return Refuse($"takes {odd.Name} in a form that no service has", "take services by value");
        return $"new {type.Code()}({string.Join(", ", candidates[0].Parameters.Select(Resolve))})";

        string? Refuse(string why, string fix)
        {
            problems.Add(Diagnostic.Create(Rules.NotConstructible, type.Locations.FirstOrDefault(), type.Name, why, fix));
            return null;
        }
    }

    private static bool HasRequiredMembers(INamedTypeSymbol type, IMethodSymbol constructor)
    {
        if (constructor.GetAttributes().Any(static a => a.AttributeClass?.Name == "SetsRequiredMembersAttribute"))
            return false;
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.GetMembers().Any(static m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
                return true;
        }

        return false;
    }

    private static string Resolve(IParameterSymbol parameter)
    {
        var type = parameter.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).Code();
        if (parameter.Type.ToDisplayString() == "System.IServiceProvider")
            return "services";
        var key = parameter.GetAttributes().FirstOrDefault(static a => a.AttributeClass?.Name == "FromKeyedServicesAttribute");
        if (key is { ConstructorArguments.Length: 1 })
        {
            var verb = parameter.HasExplicitDefaultValue ? "GetKeyedService" : "GetRequiredKeyedService";
            return $"{KeyedServices}.{verb}<{type}>(services, {Constants.Write(key.ConstructorArguments[0].Type, key.ConstructorArguments[0].Value)})" + Otherwise(parameter);
        }

        return parameter.HasExplicitDefaultValue
            ? $"{Services}.GetService<{type}>(services)" + Otherwise(parameter)
            : $"{Services}.GetRequiredService<{type}>(services)";
    }

    private static string Otherwise(IParameterSymbol parameter) =>
        parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: { } value } ? $" ?? {Constants.Write(parameter.Type, value)}" : "";
}
