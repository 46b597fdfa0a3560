namespace OnCell.Agents;

/// <summary>The registered agents.</summary>
internal sealed class AgentCatalog(IEnumerable<AgentDescriptor> agents)
{
    private readonly Dictionary<string, AgentDescriptor> _agents = agents
        .DistinctBy(a => a.Type)
        .ToDictionary(a => a.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => _agents.Keys;

    public AgentDescriptor? Find(string name) => _agents.GetValueOrDefault(name);

    /// <summary>Finds an agent by its class name, or the only one where no name is given.</summary>
    /// <exception cref="OnCellException">There is no such agent, or no name is given and there are several.</exception>
    public AgentDescriptor Get(string? name)
    {
        if (_agents.Count == 0)
            throw new OnCellException(OnCellError.NotFound, "No agent is registered: call AddOnCell(…).AddAgent<YourAgent>().");
        if (name is null)
        {
            return _agents.Count == 1
                ? _agents.Values.Single()
                : throw new OnCellException(OnCellError.Invalid, $"Name the agent: one of {List}.") { Field = "agent" };
        }

        return _agents.GetValueOrDefault(name)
            ?? throw new OnCellException(OnCellError.NotFound, $"There is no agent \"{Shown.Short(name)}\". Registered: {List}.") { Field = "agent" };
    }

    /// <summary>Finds a method of an agent.</summary>
    /// <exception cref="OnCellException">The agent has no such method.</exception>
    public static AgentMethod GetMethod(AgentDescriptor agent, string method) =>
        agent.FindMethod(method) ?? throw new OnCellException(OnCellError.NotFound,
            $"The agent \"{agent.Name}\" has no method \"{Shown.Short(method)}\". It has: {string.Join(", ", agent.MethodNames)}.")
        { Field = "method" };

    private string List => string.Join(", ", _agents.Keys.Order(StringComparer.Ordinal));
}
