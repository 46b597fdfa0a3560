namespace OnCell.Client;

/// <summary>A base system of cells.</summary>
public sealed record Image
{
    /// <summary>Gets its name: the digest of what it is made of.</summary>
    public required string Digest { get; init; }

    /// <summary>Gets the distribution's release that it was built of, such as <c>bookworm</c>; <c>imported</c> where the service did not build it.</summary>
    public required string Suite { get; init; }

    /// <summary>Gets the packages that it was built of; none where it was imported.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Gets what it was imported from: the path of an archive on the service's host, or the Docker engine's name of it; or <see langword="null"/>.</summary>
    public string? Origin { get; init; }

    /// <summary>Gets what it takes on the service's disk, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets when it was last asked for. What a cell uses counts as asked for once a day.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>Gets the agents whose cells are made of it now.</summary>
    public IReadOnlyList<ImageUser> Agents { get; init; } = [];

    /// <summary>Gets the customers whose cells were last started with it.</summary>
    public IReadOnlyList<string> Cells { get; init; } = [];

    /// <summary>Gets the local models whose server was last started with it.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
}

/// <summary>An agent whose cells are made of an image.</summary>
/// <param name="Agent">The agent's class name.</param>
/// <param name="Environment">The environment that it is deployed to; <see langword="null"/> where it is compiled into the service.</param>
public sealed record ImageUser(string Agent, string? Environment);

/// <summary>What was removed, or would be.</summary>
/// <param name="DryRun">Whether nothing was removed.</param>
/// <param name="Bytes">What came free on the disk, or would, in bytes.</param>
/// <param name="Images">The images.</param>
public sealed record ImagePruning(bool DryRun, long Bytes, IReadOnlyList<Image> Images);

/// <summary>The body that has images built.</summary>
internal sealed record NewBuild(string? Agent, string? Environment);

/// <summary>The answer of a build.</summary>
internal sealed record BuiltImages(IReadOnlyList<Image> Images);

/// <summary>The body that has images removed.</summary>
internal sealed record NewPruning(bool DryRun, double UnusedForDays);
