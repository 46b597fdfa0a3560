namespace OnCell;

/// <summary>The base systems of cells: what there is, what it takes, who uses it; built ahead, removed when nobody does.</summary>
/// <remarks>They are of all customers at once, so this is an administrator's matter. Building needs nothing of this: a cell whose image is missing has it built.</remarks>
public interface IImages
{
    /// <summary>Lists the images that are there, those last asked for first.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<ImageInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Has the images of agents built, so that the first cell of each need not wait. One that is there is not built again.</summary>
    /// <param name="agent">The agent; <see langword="null"/> for all: those compiled in and those deployed to any environment.</param>
    /// <param name="environment">The environment whose agent it is; <see langword="null"/> for <see cref="Placement.Production"/>. Only with an agent.</param>
    /// <param name="progress">Is told what is being done; or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up; nothing half-made is left.</param>
    /// <returns>The agents' images.</returns>
    /// <exception cref="OnCellException">There is no such agent, or an image cannot be built; the others are all the same.</exception>
    Task<IReadOnlyList<ImageInfo>> BuildAsync(string? agent, string? environment, IProgress<CellProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Removes the images that no agent, no cell (with its snapshots and checkpoints) and no local model of this service uses.</summary>
    /// <param name="unusedFor">How long an image was not asked for, at least; not negative. One that was asked for in the last minute stays in any case.</param>
    /// <param name="dryRun">Whether to say only what would be removed.</param>
    /// <param name="cancellationToken">Ends the work between two images.</param>
    /// <returns>What was removed, or would be.</returns>
    /// <remarks>
    /// Services that share an <see cref="OnCellOptions.ImageFolder"/> know of each other by that time only: say one that none of them stands
    /// still for. What is removed is built anew when it is wanted.
    /// </remarks>
    /// <exception cref="OnCellException">The time is negative.</exception>
    Task<ImagePruning> PruneAsync(TimeSpan unusedFor, bool dryRun, CancellationToken cancellationToken);
}

/// <summary>A base system of cells.</summary>
public sealed record ImageInfo
{
    /// <summary>Gets its name: the digest of what it is made of.</summary>
    public required string Digest { get; init; }

    /// <summary>Gets the distribution's release that it was built of, such as <c>bookworm</c>; <c>imported</c> where it was not built here.</summary>
    public required string Suite { get; init; }

    /// <summary>Gets the packages that it was built of, by the distribution's names; none where it was imported.</summary>
    public required IReadOnlyList<string> Packages { get; init; }

    /// <summary>Gets what it was imported from: the path of an archive or layout, or the Docker engine's name of it.</summary>
    /// <value><see langword="null"/> where it was built, or imported by an earlier release.</value>
    public string? Origin { get; init; }

    /// <summary>Gets what it takes on the disk, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets when it was last asked for. What a cell uses counts as asked for once a day.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>Gets the agents whose cells are made of it now.</summary>
    public required IReadOnlyList<ImageUser> Agents { get; init; }

    /// <summary>Gets the customers whose cells were last started with it.</summary>
    public required IReadOnlyList<string> Cells { get; init; }

    /// <summary>Gets the local models whose server was last started with it.</summary>
    public required IReadOnlyList<string> Models { get; init; }
}

/// <summary>An agent whose cells are made of an image.</summary>
/// <param name="Agent">The agent's class name.</param>
/// <param name="Environment">The environment that it is deployed to; <see langword="null"/> where it is compiled in, and so in all.</param>
public sealed record ImageUser(string Agent, string? Environment);

/// <summary>What was removed, or would be.</summary>
/// <param name="DryRun">Whether nothing was removed.</param>
/// <param name="Bytes">What came free on the disk, or would, in bytes.</param>
/// <param name="Images">The images.</param>
public sealed record ImagePruning(bool DryRun, long Bytes, IReadOnlyList<ImageInfo> Images);
