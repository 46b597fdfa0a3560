using Microsoft.Extensions.Logging;
using OnCell.Cells;

namespace OnCell.Images;

/// <summary>Which image each agent's cells are made of: of those compiled in, and of those that environments point to.</summary>
internal sealed class AgentImages(CellServices services, ILogger logger)
{
    /// <summary>Lists all agents; one that is compiled in is in every environment and is listed once.</summary>
    public IReadOnlyList<ImageUser> All =>
        [.. services.Agents.Compiled.Select(name => new ImageUser(name, null)),
            .. services.Deployments.Current.SelectMany(p => services.Deployments.Find(p.Revision)?.Agents.Select(a => new ImageUser(a.Name, p.Environment)) ?? [])];

    /// <summary>Reads what the cells of an agent are made of.</summary>
    /// <exception cref="OnCellException">It is no longer there, or cannot say.</exception>
    public CellSpec SpecOf(ImageUser agent) =>
        services.Agents.Get(agent.Environment ?? Placement.Production, agent.Agent).DemandSpec(services.Provider);

    /// <summary>Finds the images of all agents that are there, by digest.</summary>
    public async Task<ILookup<string, ImageUser>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<(string Digest, ImageUser Agent)>();
        foreach (var agent in All)
        {
            if (await FindAsync(agent, cancellationToken).ConfigureAwait(false) is { } digest) found.Add((digest, agent));
        }

        return found.ToLookup(f => f.Digest, f => f.Agent, StringComparer.Ordinal);
    }

    private async Task<string?> FindAsync(ImageUser agent, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Sandboxes.FindImageAsync(SpecOf(agent), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // It says so itself where it is used; the images of the others are to be seen all the same.
            ImageLog.NotKnown(logger, agent.Agent, e.Message);
            return null;
        }
    }
}
