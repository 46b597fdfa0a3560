using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace OnCell.Agents;

/// <summary>What OnCell's source generator writes about an agent class: how it is made and how its methods are called.</summary>
/// <remarks>It registers itself when the agent's assembly is first used, so that nothing is looked up by reflection.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AgentDefinition
{
    /// <summary>By class; an unloaded revision of a deployment takes its classes along.</summary>
    private static readonly ConditionalWeakTable<Type, AgentDefinition> Known = [];

    private readonly Dictionary<string, AgentMethod> _methods;

    /// <summary>Makes a definition.</summary>
    /// <param name="type">The agent's class.</param>
    /// <param name="create">Makes an instance of the application's services.</param>
    /// <param name="methods">The methods that can be called from outside.</param>
    public AgentDefinition(Type type, Func<IServiceProvider, Agent> create, IReadOnlyList<AgentMethod> methods)
    {
        Type = type;
        Create = create;
        _methods = methods.ToDictionary(m => m.Name, StringComparer.Ordinal);
    }

    /// <summary>Gets the agent's class.</summary>
    public Type Type { get; }

    /// <summary>Gets what makes an instance.</summary>
    public Func<IServiceProvider, Agent> Create { get; }

    /// <summary>Gets the methods by name.</summary>
    public IReadOnlyDictionary<string, AgentMethod> Methods => _methods;

    /// <summary>Makes a definition known. Called by generated code.</summary>
    public static void Register(AgentDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Known.AddOrUpdate(definition.Type, definition);
    }

    /// <summary>Finds the definition of an agent class.</summary>
    /// <exception cref="OnCellException">The class was compiled without OnCell's source generator.</exception>
    internal static AgentDefinition Of(Type type)
    {
        RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
        return Known.TryGetValue(type, out var definition)
            ? definition
            : throw new OnCellException(OnCellError.Invalid,
                $"The agent {type} was compiled without OnCell's source generator, or cannot be called (see the compiler's OCA messages). " +
                "Reference the package OnCell.Core or OnCell.AspNetCore from the project that holds the agent.");
    }
}
