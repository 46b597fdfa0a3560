namespace OnCell;

/// <summary>Agents that come to a running service: packages kept as immutable revisions, and the environments that point to them.</summary>
/// <remarks>
/// A deployed agent runs inside this process: whoever may deploy may do whatever the service may. So nothing is taken before
/// <see cref="DeploymentOptions.Enabled"/> is set, and every method then throws <see cref="OnCellException"/> with
/// <see cref="OnCellError.Forbidden"/>.
/// </remarks>
public interface IDeployments
{
    /// <summary>Gets the limits, and whether deploying is on.</summary>
    DeploymentOptions Options { get; }

    /// <summary>Checks a package, has the images of its cells built, keeps it as a revision and makes an environment point to it.</summary>
    /// <param name="package">A zip of the agent project's assemblies, with the project's <c>.deps.json</c>, all at its root.</param>
    /// <param name="environment">The environment: 1 to 40 of <c>a-z</c>, <c>0-9</c> and <c>-</c>.</param>
    /// <param name="by">Who deploys, for the list.</param>
    /// <param name="progress">Is told what is being done; or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up; then nothing of the package is kept.</param>
    /// <returns>Where the environment points now. The same package again is the same revision.</returns>
    /// <exception cref="OnCellException">The package cannot be used; the reason is said and nothing of it is kept.</exception>
    Task<Placement> DeployAsync(
        Stream package, string environment, string by, IProgress<CellProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Makes an environment point to what another one points to. Runs under way end on the revision they began with.</summary>
    /// <param name="from">The environment whose revisions are taken.</param>
    /// <param name="to">The environment that gets them.</param>
    /// <param name="package">Only this package; or <see langword="null"/> for all.</param>
    /// <param name="by">Who promotes, for the list.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    Task<IReadOnlyList<Placement>> PromoteAsync(string from, string to, string? package, string by, CancellationToken cancellationToken);

    /// <summary>Makes an environment point to the revision before the one it points to; again, to the one before that.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="package">The package; may be <see langword="null"/> where the environment has only one.</param>
    /// <param name="by">Who rolls back, for the list.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="OnCellException">There is nothing before it, or it is no longer kept.</exception>
    Task<Placement> RollbackAsync(string environment, string? package, string by, CancellationToken cancellationToken);

    /// <summary>Lists the revisions that are kept, newest first.</summary>
    Task<IReadOnlyList<Revision>> ListRevisionsAsync(CancellationToken cancellationToken);

    /// <summary>Lists where the environments point.</summary>
    Task<IReadOnlyList<Placement>> ListPlacementsAsync(CancellationToken cancellationToken);

    /// <summary>Removes a revision.</summary>
    /// <param name="revision">The revision's id.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="OnCellException">There is none, an environment points to it, or a run that has not ended needs it.</exception>
    Task DeleteRevisionAsync(string revision, CancellationToken cancellationToken);
}

/// <summary>A package as it was deployed once; it never changes.</summary>
public sealed record Revision
{
    /// <summary>Gets the id: the package's name and the first of its hash.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the package's name, which is the agent project's assembly.</summary>
    public required string Package { get; init; }

    /// <summary>Gets the SHA-256 of the package, in hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Gets the package's size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets its agents.</summary>
    public required IReadOnlyList<RevisionAgent> Agents { get; init; }

    /// <summary>Gets when it was first deployed.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets who deployed it first.</summary>
    public required string By { get; init; }
}

/// <summary>An agent of a revision.</summary>
/// <param name="Name">Its class name, by which customers are created.</param>
/// <param name="Methods">What can be called from outside.</param>
public sealed record RevisionAgent(string Name, IReadOnlyList<string> Methods);

/// <summary>To which revision of a package an environment points.</summary>
public sealed record Placement
{
    /// <summary>The environment of customers that name none.</summary>
    public const string Production = "production";

    /// <summary>Gets the environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Gets the package.</summary>
    public required string Package { get; init; }

    /// <summary>Gets the revision's id.</summary>
    public required string Revision { get; init; }

    /// <summary>Gets since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets who made it so.</summary>
    public required string By { get; init; }

    internal long Sequence { get; init; }

    internal long? Previous { get; init; }
}
