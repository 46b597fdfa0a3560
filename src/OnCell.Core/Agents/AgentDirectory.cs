using OnCell.Deployments;
using OnCell.Registry;

namespace OnCell.Agents;

/// <summary>All agents of this service: those it was compiled with, which every environment has, and those deployed to each.</summary>
internal sealed class AgentDirectory(AgentCatalog compiled, DeploymentTable deployments, RevisionLoader revisions)
{
    /// <summary>Finds an agent by its class name, or the only one where no name is given.</summary>
    /// <exception cref="OnCellException">There is no such agent, or no name is given and there are several.</exception>
    public AgentDescriptor Get(string environment, string? name)
    {
        var deployed = In(environment).ToArray();
        if (name is null && deployed is [var only] && compiled.Names.Count == 0) name = only.Agent;
        if (name is not null && compiled.Find(name) is { } known) return known;
        if (deployed.Length == 0) return compiled.Get(name);
        if (Array.Find(deployed, d => d.Agent == name) is { Revision: { } revision }) return revisions.Get(revision, name!);
        var names = string.Join(", ", compiled.Names.Concat(deployed.Select(d => d.Agent)).Order(StringComparer.Ordinal));
        throw name is null
            ? new OnCellException(OnCellError.Invalid, $"Name the agent: one of {names}.")
            : new OnCellException(OnCellError.NotFound, $"There is no agent \"{name}\" in {environment}. There are: {names}.");
    }

    /// <summary>Checks that there is an agent, without loading it.</summary>
    /// <remarks>
    /// Where agents are deployed, one that is missing is no reason to refuse the cell: it says so when it is used, and the
    /// next deployment may bring the agent. A service that did not start for it could not be deployed to.
    /// </remarks>
    /// <exception cref="OnCellException">There is none.</exception>
    public void Demand(CustomerRecord customer)
    {
        if (deployments.Current.All(p => p.Environment != customer.Environment)) compiled.Get(customer.Agent);
    }

    /// <summary>Gets the agent with the code that a run began with; compiled-in code is what it is.</summary>
    /// <exception cref="OnCellException">It is no longer there.</exception>
    public AgentLease Lease(CustomerRecord customer, string codeVersion) => AgentDescriptor.RevisionOf(codeVersion) is { } revision
        ? revisions.Lease(revision, customer.Agent)
        : new AgentLease(Get(customer.Environment, customer.Agent));

    /// <summary>Refuses agents of a package whose names an environment has already.</summary>
    /// <exception cref="OnCellException">A name is taken.</exception>
    public void DemandFree(string environment, Revision revision)
    {
        foreach (var agent in revision.Agents)
        {
            if (compiled.Find(agent.Name) is not null)
                throw new OnCellException(OnCellError.Conflict, $"The agent {agent.Name} is compiled into this service: rename the class, or take it out of the service.");
            var other = deployments.Current.FirstOrDefault(p => p.Environment == environment && p.Package != revision.Package
                && deployments.Find(p.Revision)!.Agents.Any(a => a.Name == agent.Name));
            if (other is not null)
                throw new OnCellException(OnCellError.Conflict, $"The agent {agent.Name} is in the package {other.Package} of {environment} already: rename the class.");
        }
    }

    private IEnumerable<(string Agent, string Revision)> In(string environment) =>
        from placement in deployments.Current
        where placement.Environment == environment
        from agent in deployments.Find(placement.Revision)?.Agents ?? []
        select (agent.Name, placement.Revision);
}
