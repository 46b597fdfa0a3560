using OnCell.Agents;
using OnCell.Cells;

namespace OnCell.Deployments;

/// <summary>A package on its way in: in a folder that is removed again unless it is kept.</summary>
internal sealed class IncomingPackage : IDisposable
{
    private const string Prefix = ".new-";
    private const int IdHashLength = 12;

    private readonly CellPaths _paths;
    private readonly string _folder;

    public IncomingPackage(CellPaths paths)
    {
        _paths = paths;
        _folder = Path.Combine(Directory.CreateDirectory(paths.Deployments).FullName, $"{Prefix}{Guid.NewGuid():n}");
        Directory.CreateDirectory(Files);
    }

    private string Files => Path.Combine(_folder, "files");

    /// <summary>Removes what a dead process left: packages half received, and folders that no revision owns.</summary>
    public static void RemoveStrays(CellPaths paths, DeploymentTable deployments)
    {
        if (!Directory.Exists(paths.Deployments)) return;
        foreach (var folder in Directory.GetDirectories(paths.Deployments).Where(f => deployments.Find(Path.GetFileName(f)) is null))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Receives and unpacks a package.</summary>
    /// <returns>What it is, without its agents.</returns>
    /// <exception cref="OnCellException">It cannot be used.</exception>
    public async Task<Revision> ReceiveAsync(Stream package, long limit, string by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var archive = Path.Combine(_folder, "package.zip");
        var (sha256, bytes) = await PackageArchive.ReceiveAsync(package, archive, limit, cancellationToken).ConfigureAwait(false);
        await PackageArchive.UnpackAsync(archive, Files, limit, cancellationToken).ConfigureAwait(false);
        var name = AgentAssembly.Find(Files);
        return new Revision
        {
            Id = $"{name.ToLowerInvariant()}-{sha256[..IdHashLength]}",
            Package = name,
            Sha256 = sha256,
            Bytes = bytes,
            Agents = [],
            Created = now,
            By = by,
        };
    }

    /// <summary>Loads the package for a look at its agents, and unloads it.</summary>
    /// <exception cref="OnCellException">It has no agent, or one that this service cannot make or call.</exception>
    public IReadOnlyList<CheckedAgent> Load(string package, string revision, IServiceProvider services)
    {
        var loaded = LoadedRevision.Load(Files, package, revision);
        try
        {
            if (loaded.Agents.Count == 0)
                throw PackageArchive.Refused($"has no agent: no class of {package}.dll derives from {typeof(Agent)}");
            return [.. loaded.Agents.Values.Select(agent => Check(agent, services)).OrderBy(a => a.Name, StringComparer.Ordinal)];
        }
        finally
        {
            loaded.Unload();
        }
    }

    /// <summary>Keeps the package as the folder of its revision.</summary>
    public void Keep(string revision)
    {
        var folder = _paths.Revision(revision);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); // left by a removal, or a deployment, that failed half-way
        Directory.Move(Files, folder);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CheckedAgent Check(AgentDescriptor agent, IServiceProvider services)
    {
        if (agent.MethodNames.Count == 0)
            throw PackageArchive.Refused($"has the agent {agent.Name} without a public method whose first parameter is a {nameof(CellContext)}; nothing of it could be called");
        try
        {
            return new CheckedAgent(agent.Name, [.. agent.MethodNames.Order(StringComparer.Ordinal)], agent.ReadSpec(services));
        }
        catch (Exception e)
        {
            // Its constructor or its Cell is code of others, which may throw anything.
            throw PackageArchive.Refused($"has the agent {agent.Name}, which this service cannot make: {e.Message.TrimEnd('.')}", e);
        }
    }
}

/// <summary>An agent of a package that can be used.</summary>
internal sealed record CheckedAgent(string Name, IReadOnlyList<string> Methods, CellSpec Cell);
