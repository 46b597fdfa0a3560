using OnCell.Deployments;
using OnCell.Registry;

namespace OnCell.Agents;

/// <summary>All agents of this service: those it was compiled with, which every environment has, and those deployed to each.</summary>
internal sealed class AgentDirectory(AgentCatalog compiled, DeploymentTable deployments, RevisionLoader revisions)
{
    /// <summary>Gets the names of the agents that were compiled in.</summary>
    public IReadOnlyCollection<string> Compiled => compiled.Names;

    /// <summary>Finds an agent by its class name, or the only one where no name is given.</summary>
    /// <exception cref="OnCellException">There is no such agent, or no name is given and there are several.</exception>
    public AgentDescriptor Get(string environment, string? name) => Resolve(environment, name, agent => agent, revisions.Get);

    /// <summary>Finds an agent for a run that is about to begin; its code stays until the lease is disposed.</summary>
    /// <exception cref="OnCellException">There is no such agent.</exception>
    public AgentLease Lease(string environment, string name) => Resolve(environment, name, agent => new AgentLease(agent), revisions.LeaseToBegin);

    /// <summary>Checks that there is an agent, without loading it.</summary>
    /// <remarks>
    /// Where agents are deployed, one that is missing is no reason to refuse the cell: it says so when it is used, and the
    /// next deployment may bring the agent. A service that did not start for it could not be deployed to.
    /// </remarks>
    /// <exception cref="OnCellException">There is none.</exception>
    public void Demand(CustomerRecord customer)
    {
        if (deployments.Now.Placements.All(p => p.Environment != customer.Environment)) compiled.Get(customer.Agent);
    }

    /// <summary>Gets the agent with the code that a run began with; compiled-in code is what it is.</summary>
    /// <exception cref="OnCellException">It is no longer there.</exception>
    public AgentLease Lease(CustomerRecord customer, string codeVersion) => AgentDescriptor.RevisionOf(codeVersion) is { } revision
        ? revisions.Lease(revision, customer.Agent)
        : Lease(customer.Environment, customer.Agent);

    /// <summary>Refuses agents of a package whose names an environment has already.</summary>
    /// <exception cref="OnCellException">A name is taken.</exception>
    public void DemandFree(string environment, Revision revision)
    {
        var now = deployments.Now;
        foreach (var agent in revision.Agents)
        {
            if (compiled.Find(agent.Name) is not null)
                throw new OnCellException(OnCellError.Conflict, $"The agent {agent.Name} is compiled into this service: rename the class, or take it out of the service.");
            var other = now.Placements.FirstOrDefault(p => p.Environment == environment && p.Package != revision.Package
                && now.Revisions[p.Revision].Agents.Any(a => a.Name == agent.Name));
            if (other is not null)
                throw new OnCellException(OnCellError.Conflict, $"The agent {agent.Name} is in the package {other.Package} of {environment} already: rename the class.");
        }
    }

    private T Resolve<T>(string environment, string? name, Func<AgentDescriptor, T> known, Func<string, string, T> deployed)
    {
        while (true)
        {
            var now = deployments.Now;
            try
            {
                return Resolve(now, environment, name, known, deployed);
            }
            catch (OnCellException e) when (e.Error == OnCellError.NotFound && now != deployments.Now)
            {
                // Its revision was replaced and removed in this moment: the next has it, or says that there is none.
            }
        }
    }

    private T Resolve<T>(DeploymentState now, string environment, string? name, Func<AgentDescriptor, T> known, Func<string, string, T> deployed)
    {
        var here = now.AgentsIn(environment).ToArray();
        if (name is null && here is [var only] && compiled.Names.Count == 0) name = only.Agent;
        if (name is not null && compiled.Find(name) is { } found) return known(found);
        if (here.Length == 0) return known(compiled.Get(name));
        if (Array.Find(here, d => d.Agent == name) is { Revision: { } revision }) return deployed(revision, name!);
        var names = string.Join(", ", compiled.Names.Concat(here.Select(d => d.Agent)).Order(StringComparer.Ordinal));
        throw name is null
            ? new OnCellException(OnCellError.Invalid, $"Name the agent: one of {names}.") { Field = "agent" }
            : new OnCellException(OnCellError.NotFound, $"There is no agent \"{Shown.Short(name)}\" in {environment}. There are: {names}.") { Field = "agent" };
    }
}
