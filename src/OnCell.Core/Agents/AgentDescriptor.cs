using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace OnCell.Agents;

/// <summary>One registered agent class: its name, its cell and its methods.</summary>
internal sealed class AgentDescriptor
{
    private readonly ObjectFactory _factory;
    private readonly Dictionary<string, AgentMethod> _methods;

    public AgentDescriptor(Type type)
    {
        Type = type;
        Name = type.Name;
        CodeVersion = $"{type.FullName}@{type.Module.ModuleVersionId:n}";
        _factory = ActivatorUtilities.CreateFactory(type, Type.EmptyTypes);
        _methods = type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(AgentMethod.IsEndpoint)
            .Select(m => new AgentMethod(m))
            .ToDictionary(m => m.Name, StringComparer.Ordinal);
    }

    public Type Type { get; }

    public string Name { get; }

    /// <summary>Gets what is stamped on a run: a run can only be taken up by the code that began it, or by compatible code.</summary>
    public string CodeVersion { get; }

    public IReadOnlyCollection<string> MethodNames => _methods.Keys;

    public AgentMethod? FindMethod(string name) => _methods.GetValueOrDefault(name);

    public Agent Create(IServiceProvider services) => (Agent)_factory(services, null);
}
