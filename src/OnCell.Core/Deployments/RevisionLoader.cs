using OnCell.Agents;
using OnCell.Cells;

namespace OnCell.Deployments;

/// <summary>The revisions in this process: loaded when first needed, unloaded when no environment points there and no run executes.</summary>
internal sealed class RevisionLoader(CellPaths paths, DeploymentTable deployments)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LoadedRevision> _loaded = new(StringComparer.Ordinal);
    private readonly HashSet<string> _retiring = new(StringComparer.Ordinal);

    /// <summary>Gets the ids of the revisions that are loaded.</summary>
    public IReadOnlyCollection<string> Loaded
    {
        get
        {
            lock (_gate) return [.. _loaded.Keys];
        }
    }

    /// <summary>Gets an agent of a revision to which an environment points.</summary>
    /// <exception cref="OnCellException">The revision is not kept, or cannot be loaded.</exception>
    public AgentDescriptor Get(string revision, string agent)
    {
        lock (_gate) return AgentOf(Load(revision), revision, agent);
    }

    /// <summary>Gets an agent for a run that is about to begin; no revision that is about to be removed has one.</summary>
    /// <exception cref="OnCellException">The revision is not kept, or cannot be loaded.</exception>
    public AgentLease LeaseToBegin(string revision, string agent)
    {
        lock (_gate) return _retiring.Contains(revision) ? throw NotKept(revision) : Lease(revision, agent);
    }

    /// <summary>Gets an agent of a revision, which stays loaded until the lease is disposed.</summary>
    /// <exception cref="OnCellException">The revision is not kept, or cannot be loaded.</exception>
    public AgentLease Lease(string revision, string agent)
    {
        lock (_gate)
        {
            var loaded = Load(revision);
            var descriptor = AgentOf(loaded, revision, agent);
            loaded.Uses++;
            return new AgentLease(descriptor, () => Release(loaded));
        }
    }

    /// <summary>Has no run begin with a revision that is about to be removed, until <see cref="EndRetirement"/>.</summary>
    /// <returns>Whether none does; <see langword="false"/> where a run begins or executes with it at this moment.</returns>
    public bool TryRetire(string revision)
    {
        lock (_gate) return _loaded.GetValueOrDefault(revision) is not { Uses: > 0 } && _retiring.Add(revision);
    }

    public void EndRetirement(string revision)
    {
        lock (_gate) _retiring.Remove(revision);
    }

    /// <summary>Unloads what nothing needs any more.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            foreach (var (id, revision) in _loaded.ToArray())
            {
                if (revision.Uses > 0 || deployments.Current.Any(p => p.Revision == id)) continue;
                _loaded.Remove(id);
                revision.Unload();
            }
        }
    }

    private void Release(LoadedRevision revision)
    {
        lock (_gate) revision.Uses--;
        Trim();
    }

    private LoadedRevision Load(string id)
    {
        if (_loaded.TryGetValue(id, out var loaded)) return loaded;
        var revision = deployments.Find(id) ?? throw NotKept(id);
        return _loaded[id] = LoadedRevision.Load(paths.Revision(id), revision.Package, id);
    }

    private static OnCellException NotKept(string id) =>
        new(OnCellError.NotFound, $"The revision \"{id}\" is no longer kept: deploy its package again.");

    private static AgentDescriptor AgentOf(LoadedRevision revision, string id, string agent) => revision.Agents.GetValueOrDefault(agent)
        ?? throw new OnCellException(OnCellError.NotFound, $"The revision \"{id}\" has no agent \"{agent}\".");
}

/// <summary>An agent whose code stays loaded until this is disposed.</summary>
internal sealed class AgentLease(AgentDescriptor agent, Action? release = null) : IDisposable
{
    private Action? _release = release;

    public AgentDescriptor Agent { get; } = agent;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
