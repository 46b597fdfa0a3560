namespace OnCell;

/// <summary>What an agent's cells are made of.</summary>
public sealed record CellSpec
{
    /// <summary>Gets the processors and memory, such as <c>2cpu-4gb</c>.</summary>
    /// <value>The default is <c>2cpu-4gb</c>.</value>
    public string Compute { get; init; } = "2cpu-4gb";

    /// <summary>Gets the size of the cell's disk, such as <c>10gb</c>: all that a cell can ever write.</summary>
    /// <value>The default is <c>10gb</c>.</value>
    public string Storage { get; init; } = "10gb";

    /// <summary>Gets the packages of the base system, by their common or Debian names.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>
    /// Gets a base system to use instead of building one of <see cref="Packages"/>: the absolute path of an OCI layout or of an
    /// archive made by <c>docker save</c>; with the Docker runtime also the name of an image, such as <c>node:22</c>.
    /// </summary>
    /// <value>The default is <see langword="null"/>.</value>
    public string? Image { get; init; }

    /// <summary>Gets how many runs of one customer may execute at once in its cell; further ones wait in order.</summary>
    /// <value>The default is 1: runs take turns, so none sees another's half-made changes. At most 100.</value>
    public int MaxConcurrentRuns { get; init; } = 1;

    /// <summary>Gets how long a cell may be idle before it is frozen although processes run in it, such as a dev server.</summary>
    /// <value>The default is 30 minutes. A cell in which nothing runs is frozen after a few seconds.</value>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets how long a cell stays frozen before its memory is freed too, as <see cref="IdleTier"/> says.</summary>
    /// <value>The default is 30 minutes. Sooner where the host is short of memory (<see cref="OnCellOptions.FreeMemoryMegabytes"/>).</value>
    public TimeSpan StopAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets how deeply a cell that idles for long is paused.</summary>
    /// <value>The default is <see cref="PauseTier.Stopped"/>; <see cref="PauseTier.Frozen"/> keeps its memory for good.</value>
    /// <remarks>
    /// <see cref="PauseTier.Checkpointed"/> keeps its background processes, such as a dev server. Such a cell is not woken from
    /// the warm pool. While it has connections to the network or to its ports it stays frozen.
    /// </remarks>
    public PauseTier IdleTier { get; init; } = PauseTier.Stopped;

    /// <summary>Gets what the cell may reach.</summary>
    public CellNetwork Network { get; init; } = new();
}

/// <summary>What a cell may reach.</summary>
public sealed record CellNetwork
{
    /// <summary>
    /// Gets the rules: a name (<c>github.com</c>), a name and port, a wildcard for sub-domains (<c>*.amazonaws.com</c>), or a CIDR.
    /// </summary>
    /// <value>The default is empty: nothing can be reached.</value>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>
    /// Gets whether nothing of the cell may leave this host: no network at all, and of the models only local ones
    /// (<c>AddLocalModel</c>). Anything else asked for is an error before a byte leaves.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AirGapped { get; init; }
}
