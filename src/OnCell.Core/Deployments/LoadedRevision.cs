using System.Reflection;
using OnCell.Agents;

namespace OnCell.Deployments;

/// <summary>A revision whose code is in this process.</summary>
internal sealed class LoadedRevision
{
    private readonly RevisionContext _context;

    private LoadedRevision(RevisionContext context, IReadOnlyDictionary<string, AgentDescriptor> agents) =>
        (_context, Agents) = (context, agents);

    /// <summary>Gets the agents by class name.</summary>
    public IReadOnlyDictionary<string, AgentDescriptor> Agents { get; }

    /// <summary>Gets or sets how many runs execute its code.</summary>
    public int Uses { get; set; }

    /// <exception cref="OnCellException">It cannot be loaded, or its agents cannot be called.</exception>
    public static LoadedRevision Load(string folder, string package, string revision)
    {
        var context = new RevisionContext(folder, revision);
        try
        {
            var types = context.LoadFromAssemblyPath(Path.Combine(folder, package + ".dll")).GetTypes();
            var agents = types.Where(t => t.IsSubclassOf(typeof(Agent)) && !t.IsAbstract).ToArray();
            if (agents.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } same)
                throw PackageArchive.Refused($"has several agents named {same.Key}");
            return new LoadedRevision(context, agents.ToDictionary(t => t.Name, t => new AgentDescriptor(t, revision), StringComparer.Ordinal));
        }
        catch (Exception e) when (e is not OnCellException)
        {
            // A broken assembly makes the run-time throw many things, and an initializer of others' code anything.
            context.Unload();
            var reason = (e as ReflectionTypeLoadException)?.LoaderExceptions.FirstOrDefault(l => l is not null)?.Message ?? e.Message;
            throw PackageArchive.Refused($"cannot be loaded into this service: {reason.TrimEnd('.')}", e);
        }
        catch
        {
            context.Unload();
            throw;
        }
    }

    /// <summary>Lets go of the code: its memory is free when the last object of it is.</summary>
    public void Unload() => _context.Unload();
}
