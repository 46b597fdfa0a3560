using Microsoft.Extensions.DependencyInjection;

namespace OnCell.Agents;

/// <summary>One registered agent class: its name, its cell and its methods.</summary>
internal sealed class AgentDescriptor(Type type)
{
    private readonly AgentDefinition _definition = AgentDefinition.Of(type);

    public Type Type => _definition.Type;

    public string Name => Type.Name;

    /// <summary>Gets what is stamped on a run: a run can only be taken up by the code that began it, or by compatible code.</summary>
    public string CodeVersion { get; } = $"{type.FullName}@{type.Module.ModuleVersionId:n}";

    public IReadOnlyCollection<string> MethodNames => [.. _definition.Methods.Keys];

    public AgentMethod? FindMethod(string name) => _definition.Methods.GetValueOrDefault(name);

    /// <summary>Gets what the agent's cells are made of.</summary>
    public CellSpec ReadSpec(IServiceProvider services)
    {
        using var scope = services.CreateScope();
        return Create(scope.ServiceProvider).Cell;
    }

    public Agent Create(IServiceProvider services) => _definition.Create(services);
}
