using Microsoft.Extensions.DependencyInjection;

namespace OnCell.Agents;

/// <summary>One registered agent class: its name, its cell and its methods.</summary>
internal sealed class AgentDescriptor(Type type, string? revision = null)
{
    private const string RevisionMark = "#";

    private readonly AgentDefinition _definition = AgentDefinition.Of(type);

    public Type Type => _definition.Type;

    public string Name => Type.Name;

    /// <summary>Gets what is stamped on a run: a run can only be taken up by the code that began it, or by compatible code.</summary>
    public string CodeVersion { get; } = $"{type.FullName}@{type.Module.ModuleVersionId:n}{(revision is null ? "" : RevisionMark + revision)}";

    /// <summary>Reads the revision from a code version; <see langword="null"/> where the code was compiled in.</summary>
    public static string? RevisionOf(string codeVersion) =>
        codeVersion.LastIndexOf(RevisionMark, StringComparison.Ordinal) is >= 0 and var at ? codeVersion[(at + RevisionMark.Length)..] : null;

    public IReadOnlyCollection<string> MethodNames => [.. _definition.Methods.Keys];

    public AgentMethod? FindMethod(string name) => _definition.Methods.GetValueOrDefault(name);

    /// <summary>Gets what the agent's cells are made of.</summary>
    public CellSpec ReadSpec(IServiceProvider services)
    {
        using var scope = services.CreateScope();
        var spec = Create(scope.ServiceProvider).Cell;

        // A list that the compiler made for a deployed agent is of a type of its revision, which would stay loaded with it.
        return revision is null ? spec : spec with { Packages = [.. spec.Packages], Network = spec.Network with { Allow = [.. spec.Network.Allow] } };
    }

    /// <summary>Gets the same, and says whose fault it is where it cannot be had.</summary>
    /// <exception cref="OnCellException">Its constructor or its Cell, which are code of others, threw something.</exception>
    public CellSpec DemandSpec(IServiceProvider services)
    {
        try
        {
            return ReadSpec(services);
        }
        catch (Exception e) when (e is not OnCellException)
        {
            throw new OnCellException(OnCellError.Failed, $"The agent {Name} cannot be made, or not say what its cell is: {e.Message}", e);
        }
    }

    public Agent Create(IServiceProvider services) => _definition.Create(services);
}
